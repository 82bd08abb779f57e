//! Models of JMVA, the analytical solver of Java Modelling Tools: XML in, a [`QueueingNetwork`] or every fault out.
//!
//! Read are `parameters`: open and closed classes, stations of fixed rate (`listation`), of a rate that depends on the
//! number of jobs (`ldstation`) and delays (`delaystation`), service times, visits, and the reference station of a class,
//! where one visit is one unit of throughput; a delay there is the think time of a closed class. Without a reference it is
//! the first station, as in JMT. Results and what-if analyses in the file are left alone.

use std::sync::Arc;

use roxmltree::{Document, Node};

use super::{ClassLoad, Flow, NetworkClass, NetworkStation, QueueingNetwork};
use crate::model_file::codes::Code;
use crate::model_file::diagnostic::{Diagnostics, RawFault};
use crate::model_file::tree::{Origin, shorten};
use capplan_queueing::network::{ClosedMethod, StationKind};
use capplan_queueing::units::{ArrivalRate, Seconds, Servers};

/// How far two speed curves of one station may differ between classes.
const CURVE_TOLERANCE: f64 = 1e-9;

/// The largest population: whole in a double.
const MOST_JOBS: f64 = 1e12;

/// Reads a model of JMVA.
///
/// # Errors
///
/// [`Diagnostics`] with every fault of the text.
///
/// # References
///
/// [Bertoli09](capplan_queueing::references#bertoli09).
pub fn parse_jmva(source_name: &str, text: &str) -> Result<QueueingNetwork, Diagnostics> {
    let mut faults = Vec::new();
    let system = match Document::parse(text) {
        Ok(document) => Reader { faults: &mut faults }.model(&document),
        Err(error) => {
            let at = error.pos();
            let origin = Origin::File(offset(text, at.row, at.col)..offset(text, at.row, at.col));
            faults.push(RawFault {
                code: Code::SYNTAX,
                origin,
                path: String::new(),
                message: format!("the XML cannot be read: {error}"),
                help: None,
            });
            None
        }
    };
    match system {
        Some(system) if faults.is_empty() => Ok(system),
        _ => {
            let (name, text): (Arc<str>, Arc<str>) = (source_name.into(), text.into());
            Err(Diagnostics::new(&name, &text, &[], faults))
        }
    }
}

/// The byte of a line and column, both from 1.
fn offset(text: &str, row: u32, column: u32) -> usize {
    let line = usize::try_from(row.saturating_sub(1)).unwrap_or(usize::MAX);
    let start = text.split_inclusive('\n').take(line).map(str::len).sum::<usize>();
    let rest = text.get(start..).unwrap_or_default();
    let within = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
    start + rest.chars().take(within).map(char::len_utf8).sum::<usize>()
}

struct Reader<'a> {
    faults: &'a mut Vec<RawFault>,
}

impl Reader<'_> {
    fn fault(&mut self, code: Code, node: Node, message: String) {
        let origin = Origin::File(node.range().start..node.range().start + 1 + node.tag_name().name().len());
        self.faults.push(RawFault { code, origin, path: path_of(node), message, help: None });
    }

    fn model(&mut self, document: &Document) -> Option<QueueingNetwork> {
        let root = document.root_element();
        if !root.has_tag_name("model") {
            let message =
                format!("the root is `{}`, not `model`: this is no JMVA file", shorten(root.tag_name().name()));
            self.fault(Code::UNKNOWN_NAME, root, message);
            return None;
        }
        let parameters = self.child(root, "parameters")?;
        let (class_list, station_list) = (self.child(parameters, "classes"), self.child(parameters, "stations"));
        let (class_list, station_list) = (class_list?, station_list?);
        let mut names = Vec::new();
        let mut loads = Vec::new();
        for node in class_list.children().filter(Node::is_element) {
            names.push(self.attribute(node, "name").unwrap_or_default());
            loads.push(self.load(node));
        }
        let mut stations = Vec::new();
        let mut visits = Vec::new();
        for node in station_list.children().filter(Node::is_element) {
            let (station, row) = self.station(node, &names);
            stations.push(station);
            visits.push(row);
        }
        for (what, list, count) in [("classes", class_list, names.len()), ("stations", station_list, stations.len())] {
            if count == 0 {
                self.fault(Code::MISSING_KEY, list, format!("`{what}` is empty; a network needs at least one"));
            }
            let said = list.attribute("number").filter(|said| said.trim().parse() != Ok(count));
            if let Some(said) = said {
                let message = format!("`number` says \"{}\", and {count} {what} are listed", shorten(said));
                self.fault(Code::CONFLICT, list, message);
            }
        }
        let references = self.references(parameters, &names, &stations);
        let stations = stations.into_iter().collect::<Option<Vec<_>>>()?;
        let loads = loads.into_iter().collect::<Option<Vec<_>>>()?;
        let classes = names
            .into_iter()
            .zip(loads)
            .enumerate()
            .map(|(class, (name, load))| {
                let reference = references.get(class).copied().flatten();
                let unit = reference.map_or(1.0, |station| visits[station][class]);
                // One visit to the reference station is one job; a station that a class never visits is no reference.
                let unit = if unit > 0.0 { unit } else { 1.0 };
                let closed = matches!(load, ClassLoad::Closed { .. });
                let thinks_at = reference.filter(|&station| {
                    closed && stations[station].kind == StationKind::Delay && visits[station][class] > 0.0
                });
                let flow = Flow::Visits(visits.iter().map(|row| row[class] / unit).collect());
                NetworkClass { name, load, flow, thinks_at }
            })
            .collect();
        Some(QueueingNetwork {
            name: "jmva".to_owned(),
            method: ClosedMethod::Exact,
            classes,
            stations,
            within: Vec::new(),
        })
    }

    fn child<'a, 'input>(&mut self, node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
        let found = node.children().find(|child| child.has_tag_name(name));
        if found.is_none() {
            self.fault(Code::MISSING_KEY, node, format!("`{}` needs an element `{name}`", node.tag_name().name()));
        }
        found
    }

    fn attribute(&mut self, node: Node, name: &str) -> Option<String> {
        let found = node.attribute(name).map(str::to_owned);
        if found.is_none() {
            self.fault(Code::MISSING_KEY, node, format!("`{}` needs the attribute `{name}`", node.tag_name().name()));
        }
        found
    }

    /// A number of at least 0.
    fn number(&mut self, node: Node, what: &str, text: &str) -> Option<f64> {
        match text.trim().parse::<f64>() {
            Ok(number) if number >= 0.0 && number.is_finite() => Some(number),
            _ => {
                let message = format!("{what} of \"{}\" is not a finite number of at least 0", shorten(text.trim()));
                self.fault(Code::OUT_OF_RANGE, node, message);
                None
            }
        }
    }

    fn load(&mut self, node: Node) -> Option<ClassLoad> {
        match node.tag_name().name() {
            "closedclass" => {
                let text = self.attribute(node, "population")?;
                let population = self.number(node, "population", &text)?;
                if population.fract() != 0.0 || population > MOST_JOBS {
                    let message = format!("population of {population} is not a whole number up to {MOST_JOBS}");
                    self.fault(Code::OUT_OF_RANGE, node, message);
                    return None;
                }
                let think_time = match node.attribute("thinktime") {
                    Some(text) => self.number(node, "think time", text)?,
                    None => 0.0,
                };
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and 0 to 10¹²")]
                let population = population as u64;
                Some(ClassLoad::Closed { population, think_time: Seconds::new(think_time).ok()? })
            }
            "openclass" => {
                let text = self.attribute(node, "rate")?;
                let arrival_rate = ArrivalRate::new(self.number(node, "rate", &text)?).ok()?;
                Some(ClassLoad::Open { arrival_rate, arrival_scv: 1.0 })
            }
            other => {
                let message = format!("`{}` is neither `closedclass` nor `openclass`", shorten(other));
                self.fault(Code::UNKNOWN_NAME, node, message);
                None
            }
        }
    }

    /// A station, and the visits of each class to it.
    fn station(&mut self, node: Node, classes: &[String]) -> (Option<NetworkStation>, Vec<f64>) {
        let name = self.attribute(node, "name");
        let times = self.by_class(node, "servicetimes", &["servicetime", "servicetimes"], classes);
        let visits = self.by_class(node, "visits", &["visit", "visits"], classes);
        let row = visits.iter().map(|values| values.first().copied().unwrap_or(0.0)).collect();
        let servers = match node.attribute("servers") {
            Some(text) => self.number(node, "servers", text),
            None => Some(1.0),
        };
        let curve = match node.tag_name().name() {
            "delaystation" => Some(StationKind::Delay),
            "listation" => servers.and_then(|count| self.servers(node, count)),
            "ldstation" if times.iter().all(|values| values.len() <= 1) => {
                servers.and_then(|count| self.servers(node, count))
            }
            "ldstation" => self.speeds(node, &times),
            other => {
                let message = format!("`{}` is neither `delaystation` nor `listation` nor `ldstation`", shorten(other));
                self.fault(Code::UNKNOWN_NAME, node, message);
                None
            }
        };
        let first = |values: &Vec<f64>| Seconds::new(values.first().copied().unwrap_or(0.0)).ok();
        let service_times = times.iter().map(first).collect::<Option<Vec<_>>>();
        let service_scvs = vec![1.0; times.len()];
        let station =
            || Some(NetworkStation { name: name?, kind: curve?, service_times: service_times?, service_scvs });
        (station(), row)
    }

    fn servers(&mut self, node: Node, count: f64) -> Option<StationKind> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 0; `as` saturates")]
        let whole = count as u64;
        match Servers::new(whole) {
            Ok(servers) if count.fract() == 0.0 => Some(StationKind::Servers(servers)),
            _ => {
                let message = format!("servers of {count} is not a whole number between 1 and {}", Servers::MAX);
                self.fault(Code::OUT_OF_RANGE, node, message);
                None
            }
        }
    }

    /// Speeds from the service times for 1, 2, … jobs. A product form needs the same curve for every class.
    fn speeds(&mut self, node: Node, times: &[Vec<f64>]) -> Option<StationKind> {
        let mut curve: Option<Vec<f64>> = None;
        for values in times {
            let Some(&first) = values.first().filter(|first| **first > 0.0) else { continue };
            if let Some(&zero) = values.iter().find(|time| **time <= 0.0) {
                let message = format!("a service time of {zero} among others of the same class; it must be above 0");
                self.fault(Code::OUT_OF_RANGE, node, message);
                return None;
            }
            let speeds: Vec<f64> = values.iter().map(|time| first / time).collect();
            let same = |other: &Vec<f64>| {
                let near = |(a, b): (&f64, &f64)| (a - b).abs() <= CURVE_TOLERANCE * b.abs();
                other.len() == speeds.len() && other.iter().zip(&speeds).all(near)
            };
            match &curve {
                None => curve = Some(speeds),
                Some(other) if same(other) => {}
                Some(_) => {
                    let message =
                        "classes have service times that fall in different proportions; a product form needs \
                                   the same for all"
                            .to_owned();
                    self.fault(Code::CONFLICT, node, message);
                    return None;
                }
            }
        }
        Some(curve.map_or(StationKind::Servers(Servers::ONE), StationKind::LoadDependent))
    }

    /// The numbers of each class below `list`: one, or several separated by `;`.
    fn by_class(&mut self, station: Node, list: &str, entries: &[&str], classes: &[String]) -> Vec<Vec<f64>> {
        let mut values = vec![Vec::new(); classes.len()];
        let Some(list) = self.child(station, list) else { return values };
        for node in list.children().filter(Node::is_element) {
            if !entries.contains(&node.tag_name().name()) {
                let message = format!("`{}` has no place here", shorten(node.tag_name().name()));
                self.fault(Code::UNKNOWN_KEY, node, message);
                continue;
            }
            let Some(class) = self.attribute(node, "customerclass") else { continue };
            let Some(index) = classes.iter().position(|name| *name == class) else {
                self.fault(Code::UNKNOWN_NAME, node, format!("no class is called `{}`", shorten(&class)));
                continue;
            };
            let text = node.text().unwrap_or_default();
            let what = node.tag_name().name();
            values[index] = text
                .split([';', ','])
                .filter(|part| !part.trim().is_empty())
                .filter_map(|part| self.number(node, what, part))
                .collect();
            // JMT writes the time for nobody first.
            if values[index].len() > 1 && values[index].first() == Some(&0.0) {
                values[index].remove(0);
            }
        }
        values
    }

    /// The reference station of each class, if the file names one.
    fn references(
        &mut self,
        parameters: Node,
        classes: &[String],
        stations: &[Option<NetworkStation>],
    ) -> Vec<Option<usize>> {
        let mut references = vec![None; classes.len()];
        let Some(list) = parameters.children().find(|child| child.has_tag_name("ReferenceStation")) else {
            return vec![(!stations.is_empty()).then_some(0); classes.len()];
        };
        for node in list.children().filter(Node::is_element) {
            let (Some(class), Some(name)) = (self.attribute(node, "name"), self.attribute(node, "refStation")) else {
                continue;
            };
            let Some(index) = classes.iter().position(|known| *known == class) else {
                self.fault(Code::UNKNOWN_NAME, node, format!("no class is called `{}`", shorten(&class)));
                continue;
            };
            references[index] = stations.iter().flatten().position(|station| station.name == name);
            // The source of an open class is no station.
            let open = name == "Arrival Process";
            if references[index].is_none() && !open && stations.iter().all(Option::is_some) {
                self.fault(Code::UNKNOWN_NAME, node, format!("no station is called `{}`", shorten(&name)));
            }
        }
        references
    }
}

/// `parameters.stations.cpu.visits`
fn path_of(node: Node) -> String {
    let mut parts: Vec<&str> = node
        .ancestors()
        .filter(Node::is_element)
        .map(|node| node.attribute("name").unwrap_or_else(|| node.tag_name().name()))
        .collect();
    parts.reverse();
    parts.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = include_str!("../../data/networks/terminals.jmva");

    fn faults(text: &str) -> String {
        parse_jmva("m.jmva", text).expect_err("faults").to_string()
    }

    #[test]
    fn service_times_by_number_of_jobs_become_speeds() {
        let network = parse_jmva("m.jmva", MODEL).expect("valid");
        assert_eq!(network.stations[2].kind, StationKind::LoadDependent(vec![1.0, 2.0, 2.0]));
        assert_eq!(network.stations[0].kind, StationKind::Delay);
        assert_eq!(network.classes[1].flow, Flow::Visits(vec![0.0, 1.0, 0.5]));
    }

    #[test]
    fn a_time_for_nobody_is_left_out() {
        let network = parse_jmva("m.jmva", &MODEL.replace(">0.5;0.25;0.25<", ">0.0;0.5;0.25;0.25<")).expect("valid");
        assert_eq!(network.stations[2].kind, StationKind::LoadDependent(vec![1.0, 2.0, 2.0]));
    }

    #[test]
    fn every_fault_is_told_in_one_run_with_line_and_path() {
        let text = MODEL
            .replace("population=\"8\"", "population=\"8.5\"")
            .replace("<servicetime customerclass=\"second\">1.0", "<servicetime customerclass=\"third\">1.0")
            .replace("2.0;1.0;1.0", "2.0;1.5;1.0")
            .replace("refStation=\"cpu\"", "refStation=\"gpu\"");
        assert_eq!(
            faults(&text),
            "m.jmva:6:7: CAP0106: model.parameters.classes.first: population of 8.5 is not a whole number up to \
             1000000000000\n\
             m.jmva:23:11: CAP0109: model.parameters.stations.cpu.servicetimes.servicetime: no class is called `third`\n\
             m.jmva:30:7: CAP0110: model.parameters.stations.disks: classes have service times that fall in different \
             proportions; a product form needs the same for all"
        );
    }

    #[test]
    fn a_number_that_is_not_that_of_the_list_is_refused() {
        let text = MODEL.replace("classes number=\"2\"", "classes number=\"3\"");
        assert_eq!(
            faults(&text),
            "m.jmva:5:5: CAP0110: model.parameters.classes: `number` says \"3\", and 2 classes are listed"
        );
        let text = MODEL.replace("stations number=\"3\"", "stations number=\"three\"");
        assert_eq!(
            faults(&text),
            "m.jmva:9:5: CAP0110: model.parameters.stations: `number` says \"three\", and 3 stations are listed"
        );
    }

    #[test]
    fn a_delay_at_the_reference_station_is_think_time() {
        let thinks_at = |text: &str| -> Vec<Option<usize>> {
            let network = parse_jmva("m.jmva", text).expect("valid");
            network.classes.iter().map(|class| class.thinks_at).collect()
        };
        assert_eq!(thinks_at(MODEL), [Some(0), None]);
        let open =
            MODEL.replace("<closedclass name=\"first\" population=\"8\"/>", "<openclass name=\"first\" rate=\"0.1\"/>");
        assert_eq!(thinks_at(&open), [None, None]);
        let (start, rest) = MODEL.split_once("<ReferenceStation").expect("references");
        let (_, end) = rest.split_once("</ReferenceStation>").expect("references");
        assert_eq!(thinks_at(&format!("{start}{end}")), [Some(0), None]);
    }

    #[test]
    fn broken_xml_has_its_line() {
        assert_eq!(
            faults("<model>\n<parameters>\n</model>"),
            "m.jmva:3:1: CAP0101: the XML cannot be read: expected 'parameters' tag, not 'model' at 3:1"
        );
        assert_eq!(faults("<a/>"), "m.jmva:1:1: CAP0109: a: the root is `a`, not `model`: this is no JMVA file");
    }

    #[test]
    fn neither_depth_nor_size_breaks_the_reader() {
        let deep = "<a>".repeat(100_000);
        assert!(parse_jmva("m.jmva", &deep).is_err());
        let bomb = "<!DOCTYPE a [<!ENTITY b \"cccccccc\">]><a>&b;</a>";
        assert!(parse_jmva("m.jmva", bomb).is_err());
    }
}
