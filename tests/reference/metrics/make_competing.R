# Values of R's survival, riskRegression, geepack and pec for people.csv, death competing.
# Run beside the file: Rscript make_competing.R

suppressMessages({library(survival); library(riskRegression); library(prodlim); library(geepack)
                  library(data.table)})
people <- read.csv("people.csv")
horizons <- c(2, 5, 8)

values <- function(rows, which) {
  risks <- as.matrix(rows[, paste0(which, "_", horizons)])
  scored <- Score(list(engine = risks), formula = Hist(years, kind) ~ 1, data = rows, cause = 1,
                  times = horizons, metrics = c("auc", "brier"), summary = "ipa", se.fit = FALSE,
                  null.model = TRUE, cens.model = "km", conf.int = FALSE)
  auc <- scored$AUC$score; brier <- scored$Brier$score
  state <- factor(rows$kind, 0:2, c("lost", "event", "died"))
  curve <- summary(survfit(Surv(rows$years, state) ~ 1), times = horizons)
  weighted <- summary(survfit(Surv(rows$years, state) ~ 1, weights = rows$weight), times = horizons)
  at <- which(curve$states == "event")
  p <- risks[, 2]
  pseudo <- as.vector(jackknife(prodlim(Hist(years, kind) ~ 1, data = rows), cause = 1, times = 5))
  rows$pseudo <- pseudo; rows$cll <- log(-log(1 - p)); rows$row <- seq_len(nrow(rows))
  level <- geese(pseudo ~ offset(cll), data = rows, id = row, scale.fix = TRUE,
                 family = gaussian, mean.link = "cloglog", corstr = "independence",
                 control = geese.control(epsilon = 1e-12, maxit = 500))
  slope <- geese(pseudo ~ offset(cll) + cll, data = rows, id = row, scale.fix = TRUE,
                 family = gaussian, mean.link = "cloglog", corstr = "independence",
                 control = geese.control(epsilon = 1e-12, maxit = 500))
  # Wolbers 2009: whoever died stays as one who never has the event.
  never <- ifelse(rows$kind == 2, 1e6, rows$years)
  other <- rows[[paste0(ifelse(which == "first", "second", "first"), "_5")]]
  ranked <- function(risk) {
    concordancefit(Surv(never, rows$kind == 1), risk, reverse = TRUE, influence = 1)
  }
  own <- ranked(p)
  apart <- ranked(other)
  list(
    harrell = unname(own$concordance), harrell_se = sqrt(own$var),
    difference = unname(own$concordance - apart$concordance),
    difference_se = sqrt(sum((own$dfbeta - apart$dfbeta)^2)),
    uno_dead = pec::cindex(list(e = matrix(p, ncol = 1)), formula = Hist(years, kind) ~ 1, data = rows,
                           cause = 1, eval.times = 8, pred.times = 5, cens.model = "marginal",
                           verbose = FALSE)$AppCindex$e,
    auc = auc[model == "engine"]$AUC, brier = brier[model == "engine"]$Brier,
    null = brier[model == "Null model"]$Brier, ipa = brier[model == "engine"]$IPA,
    incidence = curve$pstate[, at], incidence_se = curve$std.err[, at],
    weighted = weighted$pstate[, at],
    pseudo = pseudo[1:20],
    intercept = unname(level$beta), intercept_se = unname(sqrt(level$vbeta[1, 1])),
    slope = 1 + unname(slope$beta[2]), slope_se = unname(sqrt(slope$vbeta[2, 2])))
}

found <- list(versions = c(list(R = R.version.string), sapply(
  c("survival", "riskRegression", "prodlim", "geepack", "pec"),
  function(name) as.character(packageVersion(name)), simplify = FALSE)), horizons = horizons)
for (ties in 0:1)
  found[[paste0("ties_", ties)]] <- sapply(c("first", "second"), function(which)
    values(people[people$ties == ties, ], which), simplify = FALSE)
writeLines(jsonlite::toJSON(found, auto_unbox = TRUE, digits = NA, pretty = TRUE), "competing.json")
