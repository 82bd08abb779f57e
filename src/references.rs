//! Sources of the formulas, so that a doc comment can link to one.
//!
//! # Bolch06
//! G. Bolch, S. Greiner, H. de Meer, K. S. Trivedi, *Queueing Networks and Markov Chains*, 2nd ed., Wiley 2006.
//!
//! # Kleinrock75
//! L. Kleinrock, *Queueing Systems, Volume 1: Theory*, Wiley 1975.
//!
//! # Temme79
//! N. M. Temme, *The asymptotic expansion of the incomplete gamma functions*, SIAM J. Math. Anal. 10 (1979), 757–766.
//!
//! # Trefethen06
//! L. N. Trefethen, J. A. C. Weideman, T. Schmelzer, *Talbot quadratures and rational approximations*, BIT Numerical
//! Mathematics 46 (2006), 653–670.
//!
//! # Abate95
//! J. Abate, W. Whitt, *Numerical inversion of Laplace transforms of probability distributions*, ORSA Journal on
//! Computing 7 (1995), 36–43.
//!
//! # Kimura86
//! T. Kimura, *A two-moment approximation for the mean waiting time in the GI/G/s queue*, Management Science 32
//! (1986), 751–763.
//!
//! # Whitt93
//! W. Whitt, *Approximations for the GI/G/m queue*, Production and Operations Management 2 (1993), 114–161.
//!
//! # Che02
//! H. Che, Y. Tung, Z. Wang, *Hierarchical web caching systems: modeling, design and experimental results*, IEEE
//! Journal on Selected Areas in Communications 20 (2002), 1305–1314.
//!
//! # Fricker12
//! C. Fricker, P. Robert, J. Roberts, *A versatile and accurate approximation for LRU cache performance*, ITC 24
//! (2012).
//!
//! # Gelenbe73
//! E. Gelenbe, *A unified approach to the evaluation of a class of replacement algorithms*, IEEE Transactions on
//! Computers C-22 (1973), 611–618.
//!
//! # Jackson57
//! J. R. Jackson, *Networks of waiting lines*, Operations Research 5 (1957), 518–521.
//!
//! # Trivedi17
//! K. S. Trivedi, A. Bobbio, *Reliability and Availability Engineering*, Cambridge University Press 2017.
//!
//! # Aws21
//! Amazon Web Services, *Availability and Beyond*, whitepaper, 2021.
//!
//! # Lazowska84
//! E. D. Lazowska, J. Zahorjan, G. S. Graham, K. C. Sevcik, *Quantitative System Performance*, Prentice-Hall 1984.
//!
//! # Schroeder06
//! B. Schroeder, A. Wierman, M. Harchol-Balter, *Open versus closed: a cautionary tale*, NSDI 2006.
//!
//! # Loader00
//! C. Loader, *Fast and accurate computation of binomial probabilities*, 2000.
//!
//! # Breslau99
//! L. Breslau, P. Cao, L. Fan, G. Phillips, S. Shenker, *Web caching and Zipf-like distributions: evidence and
//! implications*, INFOCOM 1999.
//!
//! # Grassmann85
//! W. K. Grassmann, M. I. Taksar, D. P. Heyman, *Regenerative analysis and steady state distributions for Markov
//! chains*, Operations Research 33 (1985), 1107–1116.
//!
//! # Takacs57
//! L. Takács, *On certain sojourn time problems in the theory of stochastic processes*, Acta Mathematica Hungarica 8
//! (1957), 169–191.
//!
//! # Feller68
//! W. Feller, *An Introduction to Probability Theory and Its Applications*, vol. 1, 3rd ed., Wiley 1968.
//!
//! # Beyer18
//! B. Beyer, N. R. Murphy, D. K. Rensin, K. Kawahara, S. Thorne (eds.), *The Site Reliability Workbook*, O'Reilly 2018.
//!
//! # Kleinrock76
//! L. Kleinrock, *Queueing Systems, Volume 2: Computer Applications*, Wiley 1976.
//!
//! # Beyer16
//! B. Beyer, C. Jones, J. Petoff, N. R. Murphy (eds.), *Site Reliability Engineering*, O'Reilly 2016.
//!
//! # Bronson21
//! N. Bronson, A. Aghayev, A. Charapko, T. Zhu, *Metastable failures in distributed systems*, `HotOS` 2021.
//!
//! # Huang22
//! L. Huang, M. Magnusson, A. B. Muralikrishna, S. Estyak, R. Isaacs, A. Aghayev, T. Zhu, A. Charapko, *Metastable
//! failures in the wild*, OSDI 2022.
//!
//! # Burke69
//! P. J. Burke, *The dependence of sojourn times in tandem M/M/s queues*, Operations Research 17 (1969), 754–755.
//!
//! # Fleiss03
//! J. L. Fleiss, B. Levin, M. C. Paik, *Statistical Methods for Rates and Proportions*, 3rd ed., Wiley 2003.
//!
//! # Wald45
//! A. Wald, *Sequential tests of statistical hypotheses*, Annals of Mathematical Statistics 16 (1945), 117–186.
//!
//! # Dora24
//! `DORA`, *Accelerate State of DevOps Report*, 2024.
//!
//! # Kubernetes24
//! The Kubernetes Authors, *Deployments: rolling update*, documentation, 2024.
//!
//! # Ecs24
//! Amazon Web Services, *Amazon ECS rolling update deployments*, developer guide, 2024.
