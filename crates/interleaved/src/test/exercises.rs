//! Whether every exercise can be checked: below it stands an answer, against
//! which the page checks what the reader made, or something to judge or to bring
//! about.

use super::findings::Findings;
use crate::chapters::Chapter;
use anyhow::Result;

/// Where a chapter's exercises begin.
const HEADING: &str = "## Exercises";

/// What makes an exercise one that is checked.
const CHECKS: [&str; 3] = ["{{#answer ", "{{#quiz ", "{{#goals "];

/// Checks the exercises of a chapter, if it has any.
pub(super) fn check(chapter: &Chapter) -> Result<()> {
    let mut findings = Findings::new();
    for exercise in without_check(&chapter.text) {
        findings.add(format!(
            "{} has an exercise that nothing checks: give it an answer, `{{{{#answer NAME \
             hint=\"…\"}}}}`, or ask for what can be answered. It is\n{exercise}",
            chapter.file
        ));
    }
    findings.report()
}

/// The exercises that nothing checks.
fn without_check(chapter: &str) -> Vec<String> {
    let mut exercises: Vec<String> = Vec::new();
    let mut lines = chapter.lines().skip_while(|line| *line != HEADING).skip(1);
    for line in lines.by_ref().take_while(|line| !line.starts_with('#')) {
        if is_numbered(line) {
            exercises.push(String::new());
        }
        // What stands before the first belongs to none.
        if let Some(exercise) = exercises.last_mut() {
            *exercise += &format!("{line}\n");
        }
    }
    if exercises.is_empty() && chapter.lines().any(|line| line == HEADING) {
        return vec!["(none: its exercises aren't numbered)".to_owned()];
    }
    exercises.retain(|exercise| !CHECKS.iter().any(|check| exercise.contains(check)));
    exercises
}

fn is_numbered(line: &str) -> bool {
    line.split_once(". ")
        .is_some_and(|(number, _)| number.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::without_check;

    #[test]
    fn what_has_a_check_is_fine() {
        let chapter = "# One\n\n1. No exercise.\n\n## Exercises\n\nAll of them:\n\n\
                       1. Do it.\n\n   {{#answer it hint=\"x\"}}\n\n2. Judge.\n\n   {{#quiz it}}\n\n\
                       3. Make it. Then\n   rest.\n\n   {{#goals it}}\n";
        assert!(without_check(chapter).is_empty());
        assert!(without_check("# Two\n\n1. No exercise.\n").is_empty());
    }

    #[test]
    fn what_has_none_is_found() {
        let chapter =
            "## Exercises\n\n1. Do it.\n\n   {{#answer it}}\n\n2. Think.\n3. Judge {{#quiz it}}\n";
        assert_eq!(without_check(chapter), ["2. Think.\n"]);
        let last = "## Exercises\n\n1. {{#answer it}}\n2. Think.\n\n## More\n\n3. {{#quiz it}}\n";
        assert_eq!(without_check(last), ["2. Think.\n\n"]);
        assert_eq!(without_check("## Exercises\n\n- Think.\n").len(), 1);
    }
}
