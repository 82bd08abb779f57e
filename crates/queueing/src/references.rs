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
//! # Sevcik81
//! K. C. Sevcik, I. Mitrani, *The distribution of queuing network states at input and output instants*, Journal of the
//! ACM 28 (1981), 358–371.
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
//! # Janssen08
//! A. J. E. M. Janssen, J. S. H. van Leeuwaarden, *Back to the roots of the M/D/s queue and the works of Erlang, Crommelin
//! and Pollaczek*, Statistica Neerlandica 62 (2008), 299–313.
//!
//! # Tijms81
//! H. C. Tijms, M. H. van Hoorn, A. Federgruen, *Approximations for the steady-state probabilities in the M/G/c queue*,
//! Advances in Applied Probability 13 (1981), 186–206.
//!
//! # Takacs57
//! L. Takács, *On certain sojourn time problems in the theory of stochastic processes*, Acta Mathematica Hungarica 8
//! (1957), 169–191.
//!
//! # Panjer81
//! H. H. Panjer, *Recursive evaluation of a family of compound distributions*, ASTIN Bulletin 12 (1981), 22–26.
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
//! # Mandelbaum07
//! A. Mandelbaum, S. Zeltyn, *Service engineering in action: the Palm/Erlang-A queue, with applications to call
//! centers*, in: Advances in Services Innovations, Springer 2007, 17–45.
//!
//! # Zeltyn05
//! S. Zeltyn, A. Mandelbaum, *Call centers with impatient customers: many-server asymptotics of the M/M/n+G queue*,
//! Queueing Systems 51 (2005), 361–402.
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
//! # Coffman70
//! E. G. Coffman, R. R. Muntz, H. Trotter, *Waiting time distributions for processor-sharing systems*, Journal of the
//! ACM 17 (1970), 123–130.
//!
//! # Cohen79
//! J. W. Cohen, *The multiple phase service network with generalized processor sharing*, Acta Informatica 12 (1979),
//! 245–284.
//!
//! # Keilson79
//! J. Keilson, *Markov Chain Models – Rarity and Exponentiality*, Springer 1979.
//!
//! # Golub10
//! G. H. Golub, G. Meurant, *Matrices, Moments and Quadrature with Applications*, Princeton University Press 2010.
//!
//! # Burke69
//! P. J. Burke, *The dependence of sojourn times in tandem M/M/s queues*, Operations Research 17 (1969), 754–755.
//!
//! # Walrand80
//! J. Walrand, P. Varaiya, *Sojourn times and the overtaking condition in Jacksonian networks*, Advances in Applied
//! Probability 12 (1980), 1000–1018.
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
//!
//! # Halfin81
//! S. Halfin, W. Whitt, *Heavy-traffic limits for queues with many exponential servers*, Operations Research 29
//! (1981), 567–588.
//!
//! # Tijms03
//! H. C. Tijms, *A First Course in Stochastic Models*, Wiley 2003.
//!
//! # Franx01
//! G. J. Franx, *A simple solution for the M/D/c waiting time distribution*, Operations Research Letters 29 (2001),
//! 221–229.
//!
//! # Kraemer76
//! W. Krämer, M. Langenbach-Belz, *Approximate formulae for the delay in the queueing system GI/G/1*, ITC 8 (1976),
//! 235.1–8.
//!
//! # Kingman62
//! J. F. C. Kingman, *Some inequalities for the queue GI/G/1*, Biometrika 49 (1962), 315–324.
//!
//! # Cobham54
//! A. Cobham, *Priority assignment in waiting line problems*, Operations Research 2 (1954), 70–76.
//!
//! # Davis66
//! R. H. Davis, *Waiting-time distribution of a multi-server, priority queuing system*, Operations Research 14 (1966),
//! 133–136.
//!
//! # Kella85
//! O. Kella, U. Yechiali, *Waiting times in the non-preemptive priority M/M/c queue*, Communications in Statistics:
//! Stochastic Models 1 (1985), 257–262.
//!
//! # Keilson88
//! J. Keilson, L. D. Servi, *A distributional form of Little's law*, Operations Research Letters 7 (1988), 223–227.
//!
//! # Abate92
//! J. Abate, W. Whitt, *Numerical inversion of probability generating functions*, Operations Research Letters 12 (1992),
//! 245–251.
//!
//! # Baskett75
//! F. Baskett, K. M. Chandy, R. R. Muntz, F. G. Palacios, *Open, closed, and mixed networks of queues with different
//! classes of customers*, Journal of the ACM 22 (1975), 248–260.
//!
//! # Buzen73
//! J. P. Buzen, *Computational algorithms for closed queueing networks with exponential servers*, Communications of the
//! ACM 16 (1973), 527–531.
//!
//! # Reiser80
//! M. Reiser, S. S. Lavenberg, *Mean-value analysis of closed multichain queuing networks*, Journal of the ACM 27
//! (1980), 313–322.
//!
//! # Reiser81
//! M. Reiser, *Mean-value analysis and convolution method for queue-dependent servers in closed queueing networks*,
//! Performance Evaluation 1 (1981), 7–18.
//!
//! # Schweitzer79
//! P. J. Schweitzer, *Approximate analysis of multiclass closed networks of queues*, International Conference on
//! Stochastic Control and Optimization, Amsterdam 1979.
//!
//! # Chandy82
//! K. M. Chandy, D. Neuse, *Linearizer: a heuristic algorithm for queueing network models of computing systems*,
//! Communications of the ACM 25 (1982), 126–134.
//!
//! # Seidmann87
//! A. Seidmann, P. J. Schweitzer, S. Shalev-Oren, *Computerized closed queueing network models of flexible
//! manufacturing systems*, Large Scale Systems 12 (1987), 91–107.
//!
//! # Casale08
//! G. Casale, R. R. Muntz, G. Serazzi, *Geometric bounds: a noniterative analysis technique for closed queueing
//! networks*, IEEE Transactions on Computers 57 (2008), 780–794.
//!
//! # Whitt83
//! W. Whitt, *The queueing network analyzer*, Bell System Technical Journal 62 (1983), 2779–2815.
//!
//! # Nelson88
//! R. Nelson, A. N. Tantawi, *Approximate analysis of fork/join synchronization in parallel queues*, IEEE Transactions
//! on Computers 37 (1988), 739–743.
//!
//! # Flatto84
//! L. Flatto, S. Hahn, *Two parallel queues created by arrivals with two demands I*, SIAM Journal on Applied
//! Mathematics 44 (1984), 1041–1053.
//!
//! # Dean13
//! J. Dean, L. A. Barroso, *The tail at scale*, Communications of the ACM 56 (2013), 74–80.
//!
//! # Bertoli09
//! M. Bertoli, G. Casale, G. Serazzi, *JMT: performance engineering tools for system modeling*, ACM SIGMETRICS
//! Performance Evaluation Review 36 (2009), 10–15.
//! # Clauset09
//! A. Clauset, C. R. Shalizi, M. E. J. Newman, *Power-law distributions in empirical data*, SIAM Review 51 (2009),
//! 661–703.
//! # Chandy75
//! K. M. Chandy, U. Herzog, L. Woo, *Parametric analysis of queuing networks*, IBM Journal of Research and
//! Development 19 (1975), 36–42.
