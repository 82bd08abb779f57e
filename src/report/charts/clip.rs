use super::style::{Frame, Place};

/// The parts of a line that lie within a frame.
pub(super) fn clipped(places: &[Place], frame: Frame) -> Vec<Vec<Place>> {
    let mut pieces: Vec<Vec<Place>> = Vec::new();
    for pair in places.windows(2) {
        let Some((from, to)) = segment(pair[0], pair[1], frame) else { continue };
        match pieces.last_mut() {
            Some(piece) if piece.last() == Some(&from) => piece.push(to),
            _ => pieces.push(vec![from, to]),
        }
    }
    pieces
}

/// The part of a segment within a frame, by Liang and Barsky: the least and largest share of the way that is inside.
fn segment(from: Place, to: Place, frame: Frame) -> Option<(Place, Place)> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    let edges = [
        (-dx, from.0 - frame.left),
        (dx, frame.right - from.0),
        (-dy, from.1 - frame.top),
        (dy, frame.bottom - from.1),
    ];
    for (slope, room) in edges {
        if slope == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if slope < 0.0 {
            enter = enter.max(room / slope);
        } else {
            leave = leave.min(room / slope);
        }
    }
    // The ends themselves where nothing is cut, so that pieces join exactly.
    let at = |share: f64| (from.0 + share * dx, from.1 + share * dy);
    (enter < leave).then(|| (if enter > 0.0 { at(enter) } else { from }, if leave < 1.0 { at(leave) } else { to }))
}

/// A line cut into dashes of length `on` with gaps of length `off`; plotters knows none.
pub(super) fn dashes(places: &[Place], on: f64, off: f64) -> Vec<Vec<Place>> {
    let mut out: Vec<Vec<Place>> = Vec::new();
    let mut drawing = true;
    let mut left = on;
    let mut current: Vec<Place> = places.first().copied().into_iter().collect();
    for pair in places.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let mut done = 0.0;
        while length - done > left {
            done += left;
            let share = done / length;
            let place = (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1));
            if drawing {
                current.push(place);
                out.push(std::mem::take(&mut current));
                left = off;
            } else {
                current = vec![place];
                left = on;
            }
            drawing = !drawing;
        }
        left -= length - done;
        if drawing {
            current.push(to);
        }
    }
    if drawing && current.len() > 1 {
        out.push(current);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame { left: 0.0, right: 10.0, top: 0.0, bottom: 10.0 };

    #[test]
    fn a_line_that_leaves_and_returns_has_two_pieces() {
        let pieces = clipped(&[(0.0, 5.0), (4.0, -3.0), (8.0, 5.0)], FRAME);
        assert_eq!(pieces, [vec![(0.0, 5.0), (2.5, 0.0)], vec![(5.5, 0.0), (8.0, 5.0)]]);
    }

    #[test]
    fn dashes_go_round_corners() {
        let cut = dashes(&[(0.0, 0.0), (3.0, 0.0), (3.0, 5.0)], 4.0, 2.0);
        assert_eq!(cut, [vec![(0.0, 0.0), (3.0, 0.0), (3.0, 1.0)], vec![(3.0, 3.0), (3.0, 5.0)]]);
    }

    #[test]
    fn nothing_has_no_dashes() {
        assert!(dashes(&[], 4.0, 2.0).is_empty());
        assert!(clipped(&[(1.0, 1.0)], FRAME).is_empty());
    }
}
