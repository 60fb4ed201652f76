"""How large a cohort file may be, and where its checks draw the line: one table."""

# A table with more columns than this is most likely transposed or broken.
MOST_COLUMNS = 50_000
# Above it the rows belong to the engines that work beyond one machine's memory.
MOST_ROWS = 20_000_000
# A cell that is longer holds text or a fault, and no predictor.
LONGEST_CELL = 10_000  # characters
# Nobody was followed for longer; a larger time is one in months or days.
LONGEST_FOLLOW_UP_YEARS = 60.0
# Nobody in a cohort was followed beyond this age; who was has a time in months.
LONGEST_LIFE_YEARS = 115.0
# No cohort's median weight lies above it: such weights are in pounds, which one person's may be
# heavy enough to hide.
HEAVIEST_MEDIAN_KG = 115.0
# Nor does half of a cohort have such a body mass index: most weights are in pounds. Where so many
# lie above the lower one (3 % of adults of the United States do), some may be.
HEAVIEST_MEDIAN_BMI, HEAVY_BMI, MOST_OF_HEAVY_BMI = 48.0, 45.0, 0.1
# People who share a value that lies apart from all others before it is taken for a code.
FEWEST_OF_ONE_CODE = 5
# Times within half a day of each other are the same time, whatever they were rounded to.
SAME_TIME_YEARS = 0.5 / 365.25
# When more rows than this are impossible in one way, the file is wrong and not the rows.
MOST_IMPOSSIBLE_ROWS = 0.01
# When more rows than this are lost to one field that is not understood, its codes are others.
MOST_UNREADABLE_ROWS = 0.05
# Fewer impossible rows than this never condemn a file, however small it is.
FEW_IMPOSSIBLE_ROWS = 10
# A column is taken to be in another unit when this share of its values fit only that one.
SHARE_IN_OTHER_UNIT = 0.9
# Fewer people than this are shown as "<5" in any table that leaves the site.
SMALLEST_CELL = 5
# The site's JSON holds words, not data.
LARGEST_JSON_BYTES = 4_000_000
# A FHIR export in a zip may unpack to this much, and one resource be this long.
LARGEST_EXPORT_BYTES = 50_000_000_000
# NDJSON packs 10 to 30 times; what packs tighter than this holds nothing, and was made to do harm.
TIGHTEST_PACKED, SMALL_ENOUGH_BYTES = 200, 5_000_000
LONGEST_LINE = 2_000_000  # characters
# Declared days after baseline on which a baseline measurement may still have been taken.
LONGEST_BASELINE_WINDOW_DAYS = 90
