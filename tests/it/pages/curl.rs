//! As much of `curl` as pages need.

use std::fmt::Write as _;

use reqwest::Method;

/// Sends what `-i`, `-X`, `-H`, `-d` and an address say. Whether the answer is a success, and what is shown of it.
pub(super) async fn curl(arguments: &[&str]) -> (bool, String) {
    // Fails when another test was first, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (mut method, mut url, mut body, mut with_head) = (Method::GET, None, None, false);
    let mut headers = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().expect("a value").to_owned();
        match *argument {
            "-i" => with_head = true,
            "-X" => method = value().parse().unwrap(),
            "-H" => headers.push(value().split_once(": ").unwrap()),
            "-d" => body = Some(value()),
            other => url = Some(other),
        }
    }
    let mut request = crate::support::client().request(method, url.unwrap());
    for (name, value) in headers {
        request = request.header(name, value);
    }
    if let Some(body) = body {
        request = request.body(body.to_owned());
    }
    let answer = request.send().await.unwrap();
    let mut output = String::new();
    if with_head {
        output = format!("{:?} {}\n", answer.version(), answer.status());
        for (name, value) in answer.headers() {
            let _ = writeln!(output, "{name}: {}", value.to_str().unwrap());
        }
        output.push('\n');
    }
    let is_success = answer.status().is_success();
    (is_success, output + &answer.text().await.unwrap())
}
