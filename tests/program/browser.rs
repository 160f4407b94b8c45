//! The front page in a real browser: headless Chromium, from the disk.

use super::front_page;
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
const PATIENCE: Duration = Duration::from_secs(300);

fn browser() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|file| file.is_file())
        .expect("Chromium is not on the PATH")
}

/// The document as it stands when it is loaded: what the page does by itself is done by then.
fn document(page: &Path, fragment: &str) -> String {
    dumped(page, fragment, &[])
}

/// The document after a script of the test had some seconds for its steps.
fn document_later(page: &Path) -> String {
    dumped(page, "", &["--virtual-time-budget=3000"])
}

fn dumped(page: &Path, fragment: &str, options: &[&str]) -> String {
    let own = tempfile::tempdir().unwrap();
    let dump = own.path().join("dump.html");
    let mut child = Command::new(browser())
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
        ])
        .args(["--disable-sync", "--no-first-run", "--dump-dom"])
        .args(options)
        .arg(format!(
            "--user-data-dir={}",
            own.path().join("profile").display()
        ))
        .arg(format!("file://{}{fragment}", page.display()))
        .stdout(std::fs::File::create(&dump).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("the browser does not end");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    std::fs::read_to_string(dump).unwrap()
}

/// The rows that are shown: name and the rest of the row.
fn rows(document: &str) -> Vec<(String, String)> {
    let (_, table) = document.split_once("id=\"studies\"").unwrap();
    let (_, body) = table.split_once("<tbody>").unwrap();
    let (body, _) = body.split_once("</tbody>").unwrap();
    body.split("<tr")
        .skip(1)
        .map(|row| {
            let (_, name) = row.split_once("<bdi>").unwrap();
            let (name, rest) = name.split_once("</bdi>").unwrap();
            (name.to_owned(), rest.to_owned())
        })
        .collect()
}

/// The first letters of the names that are shown, in their order.
fn order(document: &str) -> String {
    let letters = rows(document)
        .into_iter()
        .map(|(name, _)| match name.strip_prefix("ward 3/") {
            Some(name) => name.chars().next().unwrap(),
            None => name.chars().next().unwrap(),
        });
    letters.collect()
}

/// A copy of the page with one more script, which its policy lets run.
fn with_script(page: &Path, script: &str) -> PathBuf {
    let text = std::fs::read_to_string(page).unwrap();
    let hash = base64(&Sha256::digest(script));
    let text = text
        .replace("script-src ", &format!("script-src 'sha256-{hash}' "))
        .replace("</body>", &format!("<script>{script}</script></body>"));
    let copy = page.with_file_name("copy.html");
    std::fs::write(&copy, text).unwrap();
    copy
}

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - three.len()));
        for place in 0..4 {
            let sign = SIGNS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= three.len() {
                char::from(sign)
            } else {
                '='
            });
        }
    }
    text
}

fn logged(document: &str) -> Vec<String> {
    let (_, log) = document.split_once("<pre id=\"log\">").unwrap();
    let (log, _) = log.split_once("</pre>").unwrap();
    log.lines().map(str::to_owned).collect()
}

#[test]
#[ignore = "needs Chromium"]
fn the_fragment_of_the_address_sorts_and_filters() {
    let folder = tempfile::tempdir().unwrap();
    let page = front_page::run(folder.path(), "json,svg,html").join("index.html");
    let show = |fragment: &str| document(&page, fragment);

    let plain = show("");
    assert_eq!(order(&plain), "&bmnl");
    assert!(plain.contains("All 5 files."), "the script did not run");
    assert!(plain.contains("aria-sort=\"ascending\""));
    // The name of a file is text, whatever it holds.
    assert!(
        !plain.contains("<img") && !plain.contains("<title>owned"),
        "{plain}"
    );

    // The largest decrement first; what has none stays behind, in both directions.
    assert_eq!(
        order(&show("#sort=decrement&direction=descending")),
        "ml&bn"
    );
    assert_eq!(order(&show("#sort=decrement&direction=ascending")), "&lmbn");
    // Without a direction the one that shows what matters first.
    assert_eq!(order(&show("#sort=increment"))[..1], *"l");
    assert_eq!(order(&show("#sort=status")), "bn&ml");
    assert_eq!(order(&show("#sort=study&direction=descending"))[..1], *"l");

    let failed = show("#status=failed");
    assert_eq!(order(&failed), "b");
    assert!(failed.contains("1 of 5 files match.") && rows(&failed)[0].1.contains("✗ failed"));
    assert_eq!(order(&show("#text=LEMS%20ward")), "l");
    assert_eq!(order(&show("#text=truncated")), "b");
    assert_eq!(order(&show("#pattern=presynaptic_complete")), "l");
    assert_eq!(
        order(&show("#status=failed&pattern=presynaptic_complete")),
        ""
    );
    // What the run does not have, or what is no choice at all, is left out.
    assert_eq!(
        order(&show(
            "#status=%3Cimg%3E&sort=__proto__&direction=x&page=-7"
        )),
        "&bmnl"
    );
}

#[test]
#[ignore = "needs Chromium"]
fn clicks_and_typing_sort_and_filter_and_the_address_follows() {
    let folder = tempfile::tempdir().unwrap();
    let page = front_page::run(folder.path(), "json").join("index.html");
    let script = r##"
addEventListener("load", async () => {
  const log = document.createElement("pre");
  log.id = "log";
  const say = (what) => {
    const names = [...document.querySelectorAll("#studies tbody th bdi")].map((one) => one.textContent.replace("ward 3/", "")[0]);
    const sorted = document.querySelector("[aria-sort]");
    log.textContent += `${what} ${names.join("")} ${sorted.dataset.key} ${sorted.ariaSort} ${decodeURIComponent(location.hash)}\n`;
  };
  const wait = () => new Promise((done) => setTimeout(done, 50));
  const head = (key) => document.querySelector(`th[data-key=${key}] button`);
  head("decrement").click(); say("one");
  head("decrement").click(); say("two");
  head("number").click(); say("run");
  const text = document.getElementById("text");
  text.value = "failed"; text.dispatchEvent(new Event("input", { bubbles: true })); say("typed");
  document.querySelector("button[type=reset]").click(); say("all");
  document.querySelector('#patterns a').click(); await wait(); say("link");
  location.hash = "#status=skipped"; await wait(); say("back");
  location.hash = ""; await wait();
  const status = document.getElementById("status");
  status.focus(); status.value = "ok"; status.dispatchEvent(new Event("input", { bubbles: true })); say("chosen");
  dispatchEvent(new Event("beforeprint")); say("print"); dispatchEvent(new Event("afterprint"));
  document.body.append(log);
});"##;
    let log = logged(&document_later(&with_script(&page, script)));
    assert_eq!(
        log[0],
        "one ml&lt;bn decrement descending #sort=decrement&amp;direction=descending"
    );
    assert_eq!(
        log[1],
        "two &lt;lmbn decrement ascending #sort=decrement&amp;direction=ascending"
    );
    assert_eq!(log[2].trim_end(), "run &lt;bmnl number ascending");
    assert_eq!(log[3], "typed b number ascending #text=failed");
    assert_eq!(log[4].trim_end(), "all &lt;bmnl number ascending");
    assert!(log[5].contains("number ascending #pattern="), "{log:?}");
    assert!(log[6].starts_with("back n number"), "{log:?}");
    assert_eq!(log[7], "chosen &lt;ml number ascending #status=ok");
    assert!(log[8].starts_with("print &lt;ml"), "{log:?}");
}

#[test]
#[ignore = "needs Chromium"]
fn the_page_cannot_reach_a_network_even_if_a_script_of_it_tried() {
    let folder = tempfile::tempdir().unwrap();
    let page = front_page::run(folder.path(), "csv").join("index.html");
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let address = format!("http://{}/", server.local_addr().unwrap());
    let script = format!(
        r##"
addEventListener("load", async () => {{
  const log = document.createElement("pre");
  log.id = "log";
  let refused = 0;
  document.addEventListener("securitypolicyviolation", () => refused++);
  const image = new Image();
  image.src = "{address}image";
  document.body.append(image);
  const frame = document.createElement("iframe");
  frame.src = "{address}frame";
  document.body.append(frame);
  await fetch("{address}fetch").catch(() => {{}});
  navigator.sendBeacon("{address}beacon");
  const element = document.createElement("p");
  element.innerHTML = '<b onclick="0" style="color:red">x</b><svg onload="document.title=1"></svg>';
  document.body.append(element);
  await new Promise((done) => setTimeout(done, 500));
  log.textContent = `${{refused >= 4}} ${{document.title === "1"}}`;
  document.body.append(log);
}});"##
    );
    let log = logged(&document_later(&with_script(&page, &script)));
    assert_eq!(log, ["true false"], "refused, and no handler ran");
    // Chromium may open a connection before it asks the policy; what matters is that nothing goes through it.
    while let Ok((mut connection, _)) = server.accept() {
        let mut sent = Vec::new();
        connection.set_nonblocking(false).unwrap();
        connection.read_to_end(&mut sent).unwrap();
        assert!(sent.is_empty(), "{}", String::from_utf8_lossy(&sent));
    }
}

#[test]
#[ignore = "needs Chromium"]
fn ten_thousand_studies_are_shown_page_by_page() {
    const STUDIES: usize = 10_000;
    let folder = tempfile::tempdir().unwrap();
    let page = many(folder.path(), STUDIES);
    let bytes = std::fs::metadata(&page).unwrap().len() as usize;
    assert!(bytes < STUDIES * 2048, "{} bytes a study", bytes / STUDIES);
    let first = document(&page, "");
    assert_eq!(rows(&first).len(), 100);
    assert!(first.contains("All 10000 files; rows 1 to 100.") && first.contains("Page 1 of 100"));
    let last = document(&page, "#sort=number&direction=descending&page=100");
    let last = rows(&last);
    assert_eq!(
        (last.len(), last[99].0.as_str()),
        (100, "clinic 0/study-0.edf")
    );
    let some = document(&page, "#text=study-77");
    assert!(some.contains("111 of 10000 files match; rows 1 to 100."));
}

/// A front page of so many studies: a few true ones, again and again, every tenth file failed. Kept in `ENDPLATE_FRONT_PAGE` if that names a folder.
fn many(folder: &Path, studies: usize) -> PathBuf {
    use endplate::report::{FileRow, Index, IndexRow, OUTPUTS};
    use endplate::synth::{Plan, Profile, simulate};
    let kept = std::env::var_os("ENDPLATE_FRONT_PAGE").map(PathBuf::from);
    let folder = kept.as_deref().unwrap_or(folder);
    let profiles = [
        Profile::Normal,
        Profile::Mg,
        Profile::Lems,
        Profile::Pseudofacilitation,
    ];
    let rows = profiles.map(|profile| {
        let plan = Plan {
            profile,
            muscles: vec!["ADM".to_owned(), "trapezius".to_owned()],
            ..Plan::default()
        };
        let study = endplate::study::analyze(
            &simulate(&plan).recording,
            &endplate::study::Settings::default(),
        )
        .unwrap();
        let row = IndexRow::analyzed(&FileRow::analyzed("name", &study), &study, OUTPUTS);
        serde_json::to_string(&row).unwrap()
    });
    let mut index = Index::create(folder).unwrap();
    for number in 0..studies {
        // As a run that goes on makes it: from rows that were kept.
        let mut row: IndexRow = serde_json::from_str(&rows[number % rows.len()]).unwrap();
        row.file = format!("clinic {}/study-{number}.edf", number / 100);
        if number % 10 == 9 {
            let error = endplate::error::Error::new(
                endplate::error::ErrorCode::Truncated,
                format!("the file ends after {number} of 65536 bytes"),
            );
            row = IndexRow::failed(
                &row.file,
                &error.advice("copy it again from the machine"),
                false,
            );
        }
        index.append(&row).unwrap();
    }
    index.finish().unwrap()
}
