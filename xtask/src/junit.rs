//! JUnit's XML, in which pytest and Swift Testing write down what they found.

use std::time::Duration;

use crate::report::{Tests, parse_seconds};

/// Reads such a file: one `testcase` element per test, holding `failure`, `error` or `skipped` if it did not pass.
/// Each test's name is led by the part it belongs to.
pub(crate) fn read_results(part: &str, xml: &str) -> Tests {
    let mut tests = Tests::default();
    for case in xml.split("<testcase ").skip(1) {
        let case = case.split_once("</testcase>").map_or(case, |(case, _)| case);
        let name = format!(
            "{part}: {}::{}",
            attribute(case, "classname").unwrap_or_default(),
            attribute(case, "name").unwrap_or_default()
        );
        if case.contains("<failure") || case.contains("<error") {
            tests.counts.failed += 1;
            tests.failed.push(name.clone());
        } else if case.contains("<skipped") {
            tests.counts.skipped += 1;
        } else {
            tests.counts.passed += 1;
        }
        let time: Option<Duration> = attribute(case, "time").and_then(parse_seconds);
        tests.seconds.extend(time.map(|time| (time, name)));
    }
    tests
}

/// The value of an attribute in the element whose text begins right after its name.
fn attribute<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    let (head, _) = element.split_once('>')?;
    let start = format!("{name}=\"");
    let at = head
        .match_indices(&start)
        .map(|(at, _)| at)
        .find(|&at| at == 0 || head.get(..at).is_some_and(|before| before.ends_with(' ')))?;
    let (value, _) = head.get(at + start.len()..)?.split_once('"')?;
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Counts;

    #[test]
    fn results_are_read() {
        let tests = read_results(
            "python",
            r#"<testsuites><testsuite name="pytest" tests="4"><testcase classname="t.test_a" name="test_x" time="0.250" />
            <testcase classname="t.test_a" name="test_y[a&gt;b]" time="0.001"><failure message="no">no</failure></testcase>
            <testcase classname="t.test_a" name="test_z" time="0.000"><skipped message="later" /></testcase>
            <testcase classname="" name="t.test_b" time="0.000"><error message="collection failure">no</error></testcase></testsuite></testsuites>"#,
        );
        assert_eq!(
            tests.counts,
            Counts {
                passed: 1,
                failed: 2,
                skipped: 1
            }
        );
        assert_eq!(
            tests.failed,
            ["python: t.test_a::test_y[a&gt;b]", "python: ::t.test_b"]
        );
        let slowest = tests.seconds.iter().max();
        assert_eq!(
            slowest,
            Some(&(Duration::from_millis(250), "python: t.test_a::test_x".to_owned()))
        );
    }

    #[test]
    fn results_of_swift_testing_are_read() {
        let tests = read_results(
            "swift",
            r#"<testsuites><testsuite name="TestResults" errors="0" tests="2" failures="1" skipped="0" time="0.007">
            <testcase classname="WalletTests.Taps" name="torn(_:)" time="0.004738615">
              <failure message="Expectation failed: (n &#8594; 3) &lt; 3" />
            </testcase>
            <testcase classname="WalletTests" name="pays()" time="0.003" />
            </testsuite></testsuites>"#,
        );
        assert_eq!(tests.failed, ["swift: WalletTests.Taps::torn(_:)"]);
        assert_eq!((tests.counts.passed, tests.counts.failed), (1, 1));
        assert_eq!(
            tests.seconds.first().map(|(time, _)| *time),
            Some(Duration::from_nanos(4_738_615))
        );
    }
}
