"""Countries as addresses name them, and the population whose rates stand for them."""

# ISO 3166-1 (two and three letters) and usual names. A code of ours that is also the country's
# own needs no line. The United States are the mixture: an address says nothing of race.
POPULATION_OF = {
    "chn": "cn", "china": "cn", "people's republic of china": "cn", "中国": "cn",
    "est": "ee", "estonia": "ee", "eesti": "ee", "estland": "ee",
    "gbr": "gb", "uk": "gb", "u.k": "gb", "united kingdom": "gb", "great britain": "gb",
    "england": "gb", "scotland": "gb", "wales": "gb", "northern ireland": "gb",
    "united kingdom of great britain and northern ireland": "gb",
    "hkg": "hk", "hong kong": "hk", "hong kong sar": "hk",
    "jpn": "jp", "japan": "jp", "日本": "jp",
    "kor": "kr", "south korea": "kr", "korea": "kr", "republic of korea": "kr",
    "korea, republic of": "kr",
    "tha": "th", "thailand": "th",
    "twn": "tw", "taiwan": "tw", "taiwan, province of china": "tw",
    "usa": "us", "u.s": "us", "u.s.a": "us", "united states": "us",
    "united states of america": "us",
    # No country, though the code of one of ours: an address that says so says nothing.
    "us-white": "", "us-black": "", "us-hispanic": "", "us-asian": "",
}  # fmt: skip
