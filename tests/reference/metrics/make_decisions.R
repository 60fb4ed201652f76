# Decision curves, reclassification and smooth calibration for people.csv, death competing, from
# R's survival, prodlim, Hmisc and geepack by the published formulas.
# Run beside the file: Rscript make_decisions.R

suppressMessages({library(survival); library(prodlim); library(geepack)})
people <- read.csv("people.csv")
at <- 5
thresholds <- c(0.1, 0.2, 0.35)

incidence <- function(rows) {
  if (nrow(rows) == 0) return(0)
  state <- factor(rows$kind, 0:2, c("lost", "event", "died"))
  curve <- survfit(Surv(rows$years, state) ~ 1)
  summary(curve, times = at, extend = TRUE)$pstate[, which(curve$states == "event")]
}

values <- function(rows) {
  # prodlim answers about people in this order.
  rows <- rows[order(rows$years, rows$kind == 0), ]
  p <- rows$first_5; q <- rows$second_5; n <- nrow(rows)
  benefit <- sapply(thresholds, function(limit) {
    treated <- rows[p >= limit, ]
    share <- nrow(treated) / n
    share * incidence(treated) - share * (1 - incidence(treated)) * limit / (1 - limit)
  })
  category <- function(risk) rowSums(outer(risk, thresholds[1:2], ">="))
  up <- rows[category(q) > category(p), ]; down <- rows[category(q) < category(p), ]
  events <- (incidence(up) * nrow(up) - incidence(down) * nrow(down)) / (n * incidence(rows))
  others <- ((1 - incidence(down)) * nrow(down) - (1 - incidence(up)) * nrow(up)) /
    (n * (1 - incidence(rows)))

  rows$pseudo <- as.vector(jackknife(prodlim(Hist(years, kind) ~ 1, data = rows), cause = 1, times = at))
  cll <- log(-log(1 - p))
  basis <- Hmisc::rcspline.eval(cll, knots = quantile(cll, c(0.05, 0.35, 0.65, 0.95)), inclx = TRUE)
  bent <- data.frame(pseudo = rows$pseudo, basis, row = seq_len(n))
  names(bent) <- c("pseudo", "a", "b", "c", "row")
  fit <- geese(pseudo ~ a + b + c, data = bent, id = row, scale.fix = TRUE, family = gaussian,
               mean.link = "cloglog", corstr = "independence",
               control = geese.control(epsilon = 1e-12, maxit = 500))
  line <- 1 - exp(-exp(as.vector(cbind(1, basis) %*% fit$beta)))
  away <- abs(line - p)
  list(net_benefit = benefit, nri_events = events, nri_others = others,
       ici = mean(away), e50 = unname(quantile(away, 0.5)), e90 = unname(quantile(away, 0.9)),
       e_max = max(away))
}

found <- list(versions = c(list(R = R.version.string), sapply(
  c("survival", "prodlim", "geepack", "Hmisc"),
  function(name) as.character(packageVersion(name)), simplify = FALSE)),
  horizon = at, thresholds = thresholds)
for (ties in 0:1) found[[paste0("ties_", ties)]] <- list(first = values(people[people$ties == ties, ]))
writeLines(jsonlite::toJSON(found, auto_unbox = TRUE, digits = NA, pretty = TRUE), "decisions.json")
