//! What a front end's debugger asks for: the variables, for JupyterLab's panel.
//!
//! Cells can't be stopped at a breakpoint: a cell is a library without debug
//! information, loaded by a process that forks before each, and programs run
//! under limits that no debugger would keep. So breakpoints are answered as not
//! verified, and everything that only shows is answered as asked.
//! <https://jupyter-client.readthedocs.io/en/stable/messaging.html#debug-request>

use crate::definitions::Definitions;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Whether a front end has its debugger open.
#[derive(Debug, Default)]
pub(crate) struct Debugging {
    started: AtomicBool,
    answered: AtomicU64,
}

impl Debugging {
    /// Answers a request of the Debug Adapter Protocol.
    pub(crate) fn answer(&self, request: &Value, definitions: &Definitions) -> Value {
        let command = request["command"].as_str().unwrap_or_default();
        let arguments = &request["arguments"];
        let body = match command {
            "debugInfo" => Some(json!({
                "isStarted": self.started.load(Ordering::Relaxed),
                "hashMethod": "Murmur2",
                "hashSeed": 0,
                "tmpFilePrefix": "cell-",
                "tmpFileSuffix": ".rs",
                "breakpoints": [],
                "stoppedThreads": [],
                "richRendering": true,
                "exceptionPaths": [],
                "copyToGlobals": false,
            })),
            "initialize" => {
                self.started.store(true, Ordering::Relaxed);
                Some(json!({}))
            }
            "disconnect" | "terminate" => {
                self.started.store(false, Ordering::Relaxed);
                Some(json!({}))
            }
            "attach" | "configurationDone" | "setExceptionBreakpoints" => Some(json!({})),
            "dumpCell" => Some(json!({"sourcePath": "cell"})),
            "setBreakpoints" => {
                let lines = arguments["breakpoints"].as_array().into_iter().flatten();
                let message = "cells can't be stopped";
                let breakpoints = lines
                    .map(|it| json!({"verified": false, "line": it["line"], "message": message}));
                Some(json!({"breakpoints": breakpoints.collect::<Vec<_>>()}))
            }
            "threads" => Some(json!({"threads": []})),
            "inspectVariables" => {
                let variables = definitions.variables().iter().map(|(name, of)| {
                    json!({
                        "name": name,
                        "type": of,
                        "value": of,
                        "evaluateName": name,
                        "variablesReference": 0,
                    })
                });
                Some(json!({"variables": variables.collect::<Vec<_>>()}))
            }
            "richInspectVariables" => {
                let name = arguments["variableName"].as_str().unwrap_or_default();
                let of = definitions.variables().get(name);
                of.map(
                    |of| json!({"data": {"text/plain": format!("{name}: {of}")}, "metadata": {}}),
                )
            }
            "variables" => Some(json!({"variables": []})),
            _ => None,
        };
        let mut answer = json!({
            "seq": self.answered.fetch_add(1, Ordering::Relaxed) + 1,
            "type": "response",
            "request_seq": request["seq"],
            "command": command,
            "success": body.is_some(),
            "body": body.unwrap_or_else(|| json!({})),
        });
        if answer["success"] == false {
            answer["message"] = "this kernel shows variables, and stops at nothing".into();
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn variables_are_shown_and_nothing_stops() {
        let mut definitions = Definitions::default();
        definitions.set_variables(BTreeMap::from([("x".to_owned(), "Vec<u8>".to_owned())]));
        let debugging = Debugging::default();
        let ask = |command: &str, arguments: Value| {
            let request =
                json!({"seq": 4, "type": "request", "command": command, "arguments": arguments});
            let answer = debugging.answer(&request, &definitions);
            assert_eq!(
                (&answer["request_seq"], &answer["command"]),
                (&json!(4), &json!(command))
            );
            answer
        };
        assert_eq!(ask("debugInfo", json!({}))["body"]["isStarted"], false);
        assert_eq!(ask("initialize", json!({}))["success"], true);
        assert_eq!(ask("debugInfo", json!({}))["body"]["isStarted"], true);
        let variables = ask("inspectVariables", json!({}));
        assert_eq!(variables["body"]["variables"][0]["name"], "x");
        assert_eq!(variables["body"]["variables"][0]["type"], "Vec<u8>");
        let rich = ask("richInspectVariables", json!({"variableName": "x"}));
        assert_eq!(rich["body"]["data"]["text/plain"], "x: Vec<u8>");
        let stops = ask("setBreakpoints", json!({"breakpoints": [{"line": 3}]}));
        assert_eq!(stops["body"]["breakpoints"][0]["verified"], false);
        assert_eq!(ask("stackTrace", json!({}))["success"], false);
        assert_eq!(ask("disconnect", json!({}))["success"], true);
        assert_eq!(ask("debugInfo", json!({}))["body"]["isStarted"], false);
    }
}
