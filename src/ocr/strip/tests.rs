use image::Luma;

use super::*;

/// The marks of a bar around (100, 100), bent by `bend` pixels in its middle.
fn bar(length: i16, thickness: i16, degrees: f32, bend: f32) -> Vec<MarkedPoint> {
    let (down, right) = degrees.to_radians().sin_cos();
    let places = (-length / 2..=length / 2)
        .flat_map(|along| (-thickness / 2..=thickness / 2).map(move |across| (along, across)));
    let marks = places.map(|(along, across)| {
        let along = f32::from(along);
        let across = f32::from(across) + bend * (1.0 - (2.0 * along / f32::from(length)).powi(2));
        MarkedPoint {
            x: 100.0 + along * right - across * down,
            y: 100.0 + along * down + across * right,
            edges: None,
        }
    });
    marks.collect()
}

fn none(_: f32, _: f32) -> Excess {
    Excess {
        ends: 0.0,
        sides: 0.0,
    }
}

#[test]
fn a_bar_is_found_at_any_angle() {
    for degrees in [-15.0, -2.0, 0.0, 7.0, 15.0] {
        let marks = bar(120, 8, degrees, 0.0);
        let shape = Shape::of(&marks, 1.0);
        assert!((shape.angle.to_degrees() - degrees).abs() < 0.2);
        let strip = Strip::fit(&marks, &shape, 0.0, 1.0, none);
        assert!((strip.length() - 121.0).abs() < 1.0, "{strip:?}");
        assert!((strip.height() - 9.0).abs() < 0.5, "{strip:?}");
        let (x, y) = strip.point(0.0, 0.0);
        assert!((x - 100.0).abs() < 0.5 && (y - 100.0).abs() < 0.5);
    }
    assert!(Shape::of(&bar(120, 8, 88.0, 0.0), 1.0).is_sideways());
    assert!(!Shape::of(&bar(8, 8, 88.0, 0.0), 1.0).is_sideways());
}

#[test]
fn a_short_bar_has_the_angle_of_the_page() {
    let shapes: Vec<_> = [(120, 5.0), (60, -30.0), (100, 6.0), (90, 4.0), (200, 80.0)]
        .map(|(length, degrees)| Shape::of(&bar(length, 8, degrees, 0.0), 1.0))
        .to_vec();
    let skew = skew(&shapes);
    assert!(
        (skew.to_degrees() - 5.0).abs() < 0.3,
        "{}",
        skew.to_degrees()
    );
    let marks = bar(8, 12, 0.0, 0.0);
    let strip = Strip::fit(&marks, &Shape::of(&marks, 1.0), skew, 1.0, none);
    let (from, to) = (strip.point(0.0, 0.0), strip.point(10.0, 0.0));
    let slope = (to.1 - from.1).atan2(to.0 - from.0).to_degrees();
    assert!((slope - 5.0).abs() < 0.3, "{slope}");
    assert_eq!(super::skew(&[]), 0.0);
}

#[test]
fn edges_that_are_told_are_kept() {
    let mut marks = bar(60, 4, 3.0, 0.0);
    for mark in &mut marks {
        // From each mark it is the same way to both edges, so that they lie that far from the middle.
        mark.edges = Some((9.0, 6.0));
    }
    let strip = Strip::fit(&marks, &Shape::of(&marks, 1.0), 0.0, 1.0, none);
    assert!((strip.top + 9.0).abs() < 0.1 && (strip.bottom - 6.0).abs() < 0.1);
}

#[test]
fn a_bent_line_is_cut_out_straight() {
    let mut page = GrayImage::from_pixel(260, 200, Luma([255]));
    for mark in bar(150, 8, 4.0, 12.0) {
        for (x, y) in [(0.0, 0.0), (0.5, 0.5)] {
            page.put_pixel((mark.x + x) as u32, (mark.y + y) as u32, Luma([0]));
        }
    }
    let marks = bar(150, 8, 4.0, 12.0);
    let strip = Strip::fit(&marks, &Shape::of(&marks, 1.0), 0.0, 1.0, |_, _| Excess {
        ends: 0.0,
        sides: 4.0,
    });
    let cut = strip.plan(32, 0.1, 0.2);
    let picture = strip.cut(&page, &cut);
    let row = |row: usize| {
        let inner = &picture[row * cut.columns..][cut.columns / 10..cut.columns * 9 / 10];
        inner.iter().sum::<f32>() / inner.len() as f32
    };
    assert!(row(16) < 90.0, "the middle is ink: {}", row(16));
    assert!(row(1) > 220.0 && row(30) > 220.0, "{} {}", row(1), row(30));
}

#[test]
fn columns_and_ways_along_agree() {
    let marks = bar(120, 8, 3.0, 0.0);
    let strip = Strip::fit(&marks, &Shape::of(&marks, 1.0), 0.0, 1.0, none);
    let cut = strip.plan(32, 0.1, 0.2);
    assert!((strip.along(&cut, 0.0) - (strip.start - 0.2 * strip.height())).abs() < 0.01);
    let end = strip.along(&cut, cut.columns as f32);
    assert!((end - (strip.end + 0.2 * strip.height())).abs() < 0.01);
}
