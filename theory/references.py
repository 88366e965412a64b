"""The literature that claims cite, as text and as BibTeX."""

SPS_STAR_PAPER = (
    "Gower, Garrigos, Loizou, Oikonomou, Mishchenko, Schaipp, arXiv 2504.01898 "
    "(statement and constant derived for this project; the paper's own constant was "
    "not read)"
)

PROJECT = "this project"

BIBTEX = {
    SPS_STAR_PAPER: """@misc{gower2025idealized,
  title = {Analysis of an Idealized Stochastic {P}olyak Method and its Application
           to Black-Box Model Distillation},
  author = {Gower, Robert M. and Garrigos, Guillaume and Loizou, Nicolas and
            Oikonomou, Dimitris and Mishchenko, Konstantin and Schaipp, Fabian},
  year = {2025},
  eprint = {2504.01898},
  archivePrefix = {arXiv}
}""",
    PROJECT: """@software{ratecheck,
  title = {ratecheck: when a theorem meets a computer},
  author = {{The ratecheck authors}},
  year = {2026},
  version = {0.1.0}
}""",
}
