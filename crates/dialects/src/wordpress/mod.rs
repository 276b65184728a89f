//! What WordPress puts around the REST endpoints of its plugins, as their clients see it (6.8).
//!
//! A language that lives in WordPress calls these from its `Dialect`:
//! - [`method`]: the method it routes by (`_method`, `X-HTTP-Method-Override`);
//! - [`read`]: its parameters (JSON over form over query), `rest_invalid_json`, `_jsonp` that is no name;
//! - [`describe`](describe::describe): `OPTIONS` and the namespace's index;
//! - [`finish`]: the header block, CORS, `_envelope`, `_fields`, `_pretty`, `_jsonp`;
//! - [`answer`]: answers and errors as its REST server writes them (`\/`, `\uXXXX`).
//!
//! and for its own texts: [`php`] (query strings and JSON as PHP reads them), [`text`] (`sanitize_user`, `is_email`,
//! `esc_html`), [`entities`].

pub(crate) mod answer;
pub(crate) mod describe;
pub(crate) mod entities;
mod finish;
mod params;
pub(crate) mod php;
mod route;
pub(crate) mod text;

pub(crate) use finish::finish;
pub(crate) use params::read;
pub(crate) use route::{below, method};
