//! Plants faults in a source file: each is an addition to its text that does
//! nothing until its number is asked for.
//!
//! The text is added to, not printed anew, so that everything stays in its
//! line.

use proc_macro2::{LineColumn, Span};
use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    BinOp, Block, Expr, ExprBinary, ExprIf, ExprLit, ExprUnary, ExprWhile, ImplItemFn, ItemConst,
    ItemFn, ItemMod, ItemStatic, Lit, ReturnType, Signature, Stmt, Type, UnOp,
};

/// A change of the program's text that may make it wrong.
#[derive(Clone, Debug)]
pub struct Fault {
    /// What turns it on.
    pub number: usize,
    /// The file, from the root of the workspace.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What the line says.
    pub text: String,
    /// What it does.
    pub what: String,
    /// Among faults that are otherwise the same, in a file.
    pub nth: usize,
}

impl Fault {
    /// What names it while other lines of its file change.
    pub fn key(&self) -> String {
        let Fault {
            file,
            text,
            what,
            nth,
            ..
        } = self;
        format!("{file}: {text}: {what}: {nth}")
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fault {
            number,
            file,
            line,
            what,
            ..
        } = self;
        write!(formatter, "{number:>5} {file}:{line}: {what}")
    }
}

/// Plants faults in a file's text, except those whose numbers `is_left_out`.
/// Numbers go on from `next`, whether a fault is left out or not. Returns the
/// text with the faults, which are added to `faults`.
pub fn plant(
    file: &Path,
    text: &str,
    next: &mut usize,
    is_left_out: &dyn Fn(usize) -> bool,
    faults: &mut Vec<Fault>,
) -> Result<String, String> {
    let parsed = syn::parse_file(text).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut planter = Planter {
        file: file.display().to_string(),
        lines: line_starts(text),
        text,
        next,
        is_left_out,
        faults,
        same: HashMap::new(),
        added: Vec::new(),
    };
    planter.visit_file(&parsed);
    Ok(planter.finish())
}

struct Planter<'a> {
    file: String,
    /// Where each line starts, in bytes.
    lines: Vec<usize>,
    text: &'a str,
    next: &'a mut usize,
    is_left_out: &'a dyn Fn(usize) -> bool,
    faults: &'a mut Vec<Fault>,
    /// How many faults there were in such a line, that did such a thing.
    same: HashMap<(String, String), usize>,
    /// Where something is added, its rank there, and what.
    added: Vec<(usize, i64, String)>,
}

fn line_starts(text: &str) -> Vec<usize> {
    let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(breaks).collect()
}

impl Planter<'_> {
    fn offset(&self, at: LineColumn) -> usize {
        let start = self.lines[at.line - 1];
        let line = &self.text[start..];
        let column = line.char_indices().nth(at.column);
        start + column.map_or(line.len(), |(offset, _)| offset)
    }

    /// Adds `before` and `after` around a piece of the text. What is outer is
    /// added first.
    fn around(&mut self, span: Span, before: String, after: String) {
        let rank = i64::try_from(self.added.len()).expect("few");
        let (start, end) = (self.offset(span.start()), self.offset(span.end()));
        self.added.push((start, rank + 1, before));
        self.added.push((end, -rank - 1, after));
    }

    /// The number of a new fault, unless it is left out.
    fn fault(&mut self, span: Span, what: &str) -> Option<usize> {
        let number = *self.next;
        *self.next += 1;
        let line = span.start().line;
        let text = &self.text[self.lines[line - 1]..];
        let text = text.lines().next().unwrap_or_default().trim().to_owned();
        let same = self.same.entry((text.clone(), what.to_owned()));
        let same = same.or_default();
        let nth = *same;
        *same += 1;
        if (self.is_left_out)(number) {
            return None;
        }
        self.faults.push(Fault {
            number,
            file: self.file.clone(),
            line,
            text,
            what: what.to_owned(),
            nth,
        });
        Some(number)
    }

    fn shown(&self, span: Span) -> String {
        let text = &self.text[self.offset(span.start())..self.offset(span.end())];
        let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut short: String = line.chars().take(60).collect();
        if short.len() < line.len() {
            short.push('…');
        }
        short
    }

    fn negate(&mut self, expression: &Expr) {
        let span = expression.span();
        let what = format!("the opposite of `{}`", self.shown(span));
        if let Some(number) = self.fault(span, &what) {
            let after = format!(") != crate::planted::is({number}))");
            self.around(span, "((".to_owned(), after);
        }
    }

    fn condition(&mut self, condition: &Expr) {
        match condition {
            Expr::Let(_) => {}
            Expr::Binary(binary) if is_boolean(&binary.op) => {}
            _ => self.negate(condition),
        }
    }

    fn body(&mut self, signature: &Signature, block: &Block) {
        if signature.constness.is_some() || block.stmts.is_empty() {
            return;
        }
        let Some(first) = block.stmts.first() else {
            return;
        };
        for result in results(&signature.output) {
            let what = format!("`{}` does nothing, and returns `{result}`", signature.ident);
            if let Some(number) = self.fault(signature.ident.span(), &what) {
                let add = format!("if crate::planted::is({number}) {{ return {result}; }} ");
                self.around(first.span(), add, String::new());
            }
        }
    }

    fn finish(mut self) -> String {
        self.added.sort_by_key(|(at, rank, _)| (*at, *rank));
        let mut text = String::new();
        let mut done = 0;
        for (at, _, add) in &self.added {
            text.push_str(&self.text[done..*at]);
            text.push_str(add);
            done = *at;
        }
        text.push_str(&self.text[done..]);
        text
    }
}

fn is_boolean(operator: &BinOp) -> bool {
    matches!(operator, BinOp::And(_) | BinOp::Or(_)) || is_comparison(operator)
}

fn is_comparison(operator: &BinOp) -> bool {
    use BinOp::{Eq, Ge, Gt, Le, Lt, Ne};
    matches!(operator, Eq(_) | Ge(_) | Gt(_) | Le(_) | Lt(_) | Ne(_))
}

/// What a function could return at once.
fn results(output: &ReturnType) -> Vec<&'static str> {
    let ReturnType::Type(_, output) = output else {
        return vec!["()"];
    };
    let Type::Path(path) = &**output else {
        return Vec::new();
    };
    let Some(last) = path.path.segments.last() else {
        return Vec::new();
    };
    match last.ident.to_string().as_str() {
        "bool" => vec!["true", "false"],
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i32" => vec!["0"],
        "Option" => vec!["None"],
        "Vec" => vec!["Vec::new()"],
        _ => Vec::new(),
    }
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|what| what == "test")
    })
}

impl<'ast> Visit<'ast> for Planter<'_> {
    // What is evaluated by the compiler can't ask for a number.
    fn visit_item_const(&mut self, _: &'ast ItemConst) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_item_static(&mut self, _: &'ast ItemStatic) {}
    fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}
    fn visit_type(&mut self, _: &'ast Type) {}
    fn visit_variant(&mut self, _: &'ast syn::Variant) {}
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
    fn visit_pat(&mut self, _: &'ast syn::Pat) {}

    fn visit_expr_repeat(&mut self, repeat: &'ast syn::ExprRepeat) {
        self.visit_expr(&repeat.expr);
    }

    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if !is_for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        if function.sig.constness.is_none() && !is_for_tests(&function.attrs) {
            self.body(&function.sig, &function.block);
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        if function.sig.constness.is_none() && !is_for_tests(&function.attrs) {
            self.body(&function.sig, &function.block);
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_stmt(&mut self, statement: &'ast Stmt) {
        if let Stmt::Expr(expression, Some(_)) = statement
            && matches!(
                expression,
                Expr::MethodCall(_) | Expr::Call(_) | Expr::Assign(_) | Expr::Binary(_)
            )
        {
            let span = statement.span();
            let what = format!("without `{}`", self.shown(span));
            if let Some(number) = self.fault(span, &what) {
                let before = format!("if !crate::planted::is({number}) {{ ");
                self.around(span, before, " }".to_owned());
            }
        }
        visit::visit_stmt(self, statement);
    }

    fn visit_expr_if(&mut self, expression: &'ast ExprIf) {
        self.condition(&expression.cond);
        visit::visit_expr_if(self, expression);
    }

    fn visit_expr_while(&mut self, expression: &'ast ExprWhile) {
        self.condition(&expression.cond);
        visit::visit_expr_while(self, expression);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        // The body only: patterns are no expressions.
        visit::visit_arm(self, arm);
    }

    fn visit_expr_binary(&mut self, expression: &'ast ExprBinary) {
        let is_and = matches!(expression.op, BinOp::And(_));
        if is_and || matches!(expression.op, BinOp::Or(_)) {
            for operand in [&*expression.left, &*expression.right] {
                if matches!(operand, Expr::Let(_)) || contains_let(operand) {
                    continue;
                }
                let span = operand.span();
                let what = format!("leaves out `{}` of a condition", self.shown(span));
                if let Some(number) = self.fault(span, &what) {
                    let after = if is_and {
                        format!(") || crate::planted::is({number}))")
                    } else {
                        format!(") && !crate::planted::is({number}))")
                    };
                    self.around(span, "((".to_owned(), after);
                }
            }
        } else if is_comparison(&expression.op) {
            let span = expression.span();
            let what = format!("the opposite of `{}`", self.shown(span));
            if let Some(number) = self.fault(span, &what) {
                let after = format!(") != crate::planted::is({number}))");
                self.around(span, "((".to_owned(), after);
            }
        }
        visit::visit_expr_binary(self, expression);
    }

    fn visit_expr_unary(&mut self, expression: &'ast ExprUnary) {
        if matches!(expression.op, UnOp::Not(_)) {
            let span = expression.span();
            let what = format!("the opposite of `{}`", self.shown(span));
            if let Some(number) = self.fault(span, &what) {
                let after = format!(") != crate::planted::is({number}))");
                self.around(span, "((".to_owned(), after);
            }
        }
        visit::visit_expr_unary(self, expression);
    }

    fn visit_expr_lit(&mut self, expression: &'ast ExprLit) {
        let (instead, is) = match &expression.lit {
            Lit::Int(number) if number.base10_digits() == "0" => ("1", "0"),
            Lit::Int(number) if number.base10_digits() == "1" => ("0", "1"),
            Lit::Bool(value) if value.value => ("false", "true"),
            Lit::Bool(_) => ("true", "false"),
            _ => return,
        };
        let span = expression.span();
        if let Some(number) = self.fault(span, &format!("`{instead}` in place of `{is}`")) {
            let before = format!("(if crate::planted::is({number}) {{ {instead} }} else {{ ");
            self.around(span, before, " })".to_owned());
        }
    }
}

/// Whether a `let` is among the operands of a chain of conditions.
fn contains_let(expression: &Expr) -> bool {
    match expression {
        Expr::Let(_) => true,
        Expr::Binary(binary) => contains_let(&binary.left) || contains_let(&binary.right),
        _ => false,
    }
}
