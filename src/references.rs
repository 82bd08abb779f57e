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
//! # Fofack12
//! N. C. Fofack, P. Nain, G. Neglia, D. Towsley, *Analysis of TTL-based cache networks*, VALUETOOLS 2012.
//!
//! # Karger97
//! D. Karger, E. Lehman, T. Leighton, R. Panigrahy, M. Levine, D. Lewin, *Consistent hashing and random trees*, STOC
//! 1997.
//!
//! # Vattani15
//! A. Vattani, F. Chierichetti, K. Lowenstein, *Optimal probabilistic cache stampede prevention*, Proceedings of the
//! VLDB Endowment 8 (2015), 886–897.
//!
//! # Blom58
//! G. Blom, *Statistical Estimates and Transformed Beta-Variables*, Wiley 1958.
//!
//! # Vvedenskaya96
//! N. D. Vvedenskaya, R. L. Dobrushin, F. I. Karpelevich, *Queueing system with selection of the shortest of two
//! queues: an asymptotic approach*, Problems of Information Transmission 32 (1996), 15–27.
//!
//! # Mitzenmacher01
//! M. Mitzenmacher, *The power of two choices in randomized load balancing*, IEEE Transactions on Parallel and
//! Distributed Systems 12 (2001), 1094–1104.
//!
//! # Gast17
//! N. Gast, *Expected values estimated via mean-field approximation are 1/N-accurate*, Proceedings of the ACM on
//! Measurement and Analysis of Computing Systems 1 (2017), 17.
//!
//! # Takacs62
//! L. Takács, *Introduction to the Theory of Queues*, Oxford University Press 1962.
//!
//! # Bell83
//! C. E. Bell, S. Stidham, *Individual versus social optimization in the allocation of customers to alternative
//! servers*, Management Science 29 (1983), 831–839.
//!
//! # Eryilmaz12
//! A. Eryilmaz, R. Srikant, *Asymptotically tight steady-state queue length bounds implied by drift conditions*,
//! Queueing Systems 72 (2012), 311–359.
//!
//! # Elb
//! Amazon Web Services, *Elastic Load Balancing User Guide*, section “How Elastic Load Balancing works”.
//!
//! # Burke69
//! P. J. Burke, *The dependence of sojourn times in tandem M/M/s queues*, Operations Research 17 (1969), 754–755.
//!
//! # Clauset09
//! A. Clauset, C. R. Shalizi, M. E. J. Newman, *Power-law distributions in empirical data*, SIAM Review 51 (2009),
//! 661–703.
