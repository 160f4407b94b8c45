//! The form as one HTML file: inline style, inline figures, no script, nothing from the network.

use super::form::{Form, Paper};
use crate::error::{Error, ErrorCode, Result};
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use std::sync::LazyLock;

const NAME: &str = "page.html";

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    // A template that cannot be read fails a test, and every report with the error below.
    let _ = environment.add_template(NAME, include_str!("page.html"));
    environment
});

/// Sets the form.
pub fn render(form: &Form) -> Result<Vec<u8>> {
    let failed =
        |cause: minijinja::Error| Error::new(ErrorCode::Output, format!("HTML: {cause:#}"));
    let page = ENVIRONMENT.get_template(NAME).map_err(failed)?;
    let paper = match form.paper {
        Paper::A4 => "A4",
        Paper::Letter => "letter",
    };
    let form = Value::from(Serde(form));
    let text = page.render(context! { form, paper }).map_err(failed)?;
    Ok(text.into_bytes())
}
