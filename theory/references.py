"""The literature that claims cite, as text and as BibTeX."""

SPS_STAR_PAPER = (
    "Gower, Garrigos, Loizou, Oikonomou, Mishchenko, Schaipp, arXiv 2504.01898 "
    "(statement and constant derived for this project; the paper's own constant was "
    "not read)"
)

KD_PAPER = (
    "Safaryan, Peste, Alistarh, arXiv 2305.17581 (form of the statement; the constants "
    "are derived for this project, the paper's own were not read)"
)

PARITY_PAPER = (
    "Panigrahi, Liu, Malladi, Risteski, Goel, arXiv 2410.05464 (form of the "
    "statement; the constants are derived for this project, the paper's own were not "
    "read)"
)

HIDDEN_PROGRESS_PAPER = (
    "Barak, Edelman, Goel, Kakade, Malach, Zhang, arXiv 2207.08799 (form of the "
    "statement; derived for this project)"
)

DEVIATIONS_PAPER = (
    "after Nagarajan, Menon, Bhojanapalli, Mobahi, Kumar, arXiv 2301.12923 (statement "
    "and proof are this project's; the paper's own theorem was not read)"
)

SCALING_PAPER = (
    "Busbridge, Shidani, Weers, Ramapuram, Littwin, Webb, arXiv 2502.08606 (law and "
    "coefficients as printed there; checks derived for this project)"
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
    KD_PAPER: """@inproceedings{safaryan2023knowledge,
  title = {Knowledge Distillation Performs Partial Variance Reduction},
  author = {Safaryan, Mher and Peste, Alexandra and Alistarh, Dan},
  booktitle = {Advances in Neural Information Processing Systems},
  year = {2023},
  eprint = {2305.17581},
  archivePrefix = {arXiv}
}""",
    PARITY_PAPER: """@inproceedings{panigrahi2025progressive,
  title = {Progressive Distillation Induces an Implicit Curriculum},
  author = {Panigrahi, Abhishek and Liu, Bingbin and Malladi, Sadhika and
            Risteski, Andrej and Goel, Surbhi},
  booktitle = {International Conference on Learning Representations},
  year = {2025},
  eprint = {2410.05464},
  archivePrefix = {arXiv}
}""",
    HIDDEN_PROGRESS_PAPER: """@inproceedings{barak2022hidden,
  title = {Hidden Progress in Deep Learning: {SGD} Learns Parities Near the
           Computational Limit},
  author = {Barak, Boaz and Edelman, Benjamin L. and Goel, Surbhi and Kakade, Sham and
            Malach, Eran and Zhang, Cyril},
  booktitle = {Advances in Neural Information Processing Systems},
  year = {2022},
  eprint = {2207.08799},
  archivePrefix = {arXiv}
}""",
    DEVIATIONS_PAPER: """@inproceedings{nagarajan2023deviations,
  title = {On student-teacher deviations in distillation: does it pay to disobey?},
  author = {Nagarajan, Vaishnavh and Menon, Aditya Krishna and Bhojanapalli, Srinadh
            and Mobahi, Hossein and Kumar, Sanjiv},
  booktitle = {Advances in Neural Information Processing Systems},
  year = {2023},
  eprint = {2301.12923},
  archivePrefix = {arXiv}
}""",
    SCALING_PAPER: """@inproceedings{busbridge2025distillation,
  title = {Distillation Scaling Laws},
  author = {Busbridge, Dan and Shidani, Amitis and Weers, Floris and Ramapuram, Jason
            and Littwin, Etai and Webb, Russell},
  booktitle = {International Conference on Machine Learning},
  year = {2025},
  eprint = {2502.08606},
  archivePrefix = {arXiv}
}""",
    PROJECT: """@software{ratecheck,
  title = {ratecheck: when a theorem meets a computer},
  author = {{The ratecheck authors}},
  year = {2026},
  version = {0.1.0}
}""",
}
