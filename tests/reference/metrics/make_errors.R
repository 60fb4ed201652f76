# Standard errors of riskRegression for people.csv, death competing: of areas under the curve, of
# Brier scores, and of their paired differences. Run beside the file: Rscript make_errors.R

suppressMessages({library(survival); library(riskRegression); library(prodlim)
                  library(data.table)})
people <- read.csv("people.csv")
horizons <- c(2, 5, 8)

values <- function(rows) {
  risks <- sapply(c("first", "second"), function(which)
    as.matrix(rows[, paste0(which, "_", horizons)]), simplify = FALSE)
  scored <- Score(risks, formula = Hist(years, kind) ~ 1, data = rows, cause = 1, times = horizons,
                  metrics = c("auc", "brier"), se.fit = TRUE, conf.int = TRUE, null.model = FALSE,
                  cens.model = "km")
  of <- function(table, which) table[model == which]$se
  list(first = list(auc = of(scored$AUC$score, "first"), brier = of(scored$Brier$score, "first"),
                    auc_difference = scored$AUC$contrasts$se,
                    brier_difference = scored$Brier$contrasts$se),
       second = list(auc = of(scored$AUC$score, "second"),
                     brier = of(scored$Brier$score, "second")))
}

found <- list(versions = c(list(R = R.version.string), sapply(
  c("survival", "riskRegression", "prodlim"),
  function(name) as.character(packageVersion(name)), simplify = FALSE)), horizons = horizons)
for (ties in 0:1) found[[paste0("ties_", ties)]] <- values(people[people$ties == ties, ])
writeLines(jsonlite::toJSON(found, auto_unbox = TRUE, digits = NA, pretty = TRUE), "errors.json")
