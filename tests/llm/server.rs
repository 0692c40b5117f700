//! A scripted HTTP server on loopback: says and does to its clients what the
//! test wants, the unpleasant things included.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// What the server does with one request.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Answers with a status, further headers and a body.
    Answer(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// Never answers; holds the connection.
    Hang,
    /// Sends half of the body, then nothing more; holds the connection.
    HangMidBody(Vec<u8>),
    /// Sends half of the body, then resets the connection.
    ResetMidBody(Vec<u8>),
    /// Closes at once, without an answer.
    Close,
    /// Sends so many bytes of one JSON string, with or without announcing them.
    Flood { bytes: u64, announced: bool },
}

impl Act {
    /// A JSON answer.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        let headers = vec![("Content-Type", "application/json".to_owned())];
        Self::Answer(status, headers, body.to_string().into_bytes())
    }

    /// A chat completion with this text.
    pub(crate) fn chat(text: &str) -> Self {
        Self::json(200, &completion(text, 20, 30))
    }

    /// An error in the shape of OpenAI.
    pub(crate) fn error(status: u16, kind: &str, message: &str) -> Self {
        Self::json(
            status,
            &json!({"error": {"type": kind, "message": message}}),
        )
    }

    /// The same answer with one more header.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Self::Answer(_, headers, _) = &mut self {
            headers.push((name, value.to_owned()));
        }
        self
    }
}

/// A chat completion as OpenAI-compatible servers send it.
pub(crate) fn completion(text: &str, input: u64, output: u64) -> Value {
    json!({
        "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": input, "completion_tokens": output},
    })
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Position among all requests.
    pub(crate) index: usize,
    /// For instance `POST /v1/chat/completions`.
    pub(crate) line: String,
    /// Header lines in lower case.
    pub(crate) headers: Vec<String>,
    /// The JSON body; null if there was none.
    pub(crate) body: Value,
}

type Script = dyn Fn(&Request) -> Act + Send + Sync;

/// The running server; stops when dropped.
pub(crate) struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    flooded: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
}

impl Server {
    /// Starts a server that does what `script` says.
    pub(crate) fn new(script: impl Fn(&Request) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let server = Self {
            address: listener.local_addr().expect("bound"),
            requests: Arc::default(),
            flooded: Arc::default(),
            stop: Arc::default(),
        };
        let script: Arc<Script> = Arc::new(script);
        let (requests, flooded) = (server.requests.clone(), server.flooded.clone());
        let stop = server.stop.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let (script, requests) = (script.clone(), requests.clone());
                let flooded = flooded.clone();
                std::thread::spawn(move || {
                    // A client that goes away is no trouble of the server's.
                    drop(serve(&stream, &*script, &requests, &flooded));
                });
            }
        });
        server
    }

    /// A server that acts in turn, the last act again and again.
    pub(crate) fn acting(acts: Vec<Act>) -> Self {
        Self::new(move |request| acts[request.index.min(acts.len() - 1)].clone())
    }

    /// Address for the endpoint.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("no panic").clone()
    }

    /// Bytes of floods that clients took.
    pub(crate) fn flooded(&self) -> u64 {
        self.flooded.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
    }
}

fn serve(
    stream: &TcpStream,
    script: &Script,
    requests: &Mutex<Vec<Request>>,
    flooded: &AtomicU64,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (line, headers) = head(&mut reader)?;
    let length = headers
        .iter()
        .find_map(|header| header.strip_prefix("content-length:"))
        .and_then(|length| length.trim().parse().ok())
        .unwrap_or(0_usize);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let request = {
        let mut requests = requests.lock().expect("no panic");
        let request = Request {
            index: requests.len(),
            line,
            headers,
            body: serde_json::from_slice(&body).unwrap_or_default(),
        };
        requests.push(request.clone());
        request
    };
    act(stream, reader, script(&request), flooded)
}

fn head(reader: &mut BufReader<&TcpStream>) -> std::io::Result<(String, Vec<String>)> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    if lines.is_empty() {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    let first = lines.remove(0).trim_end_matches(" HTTP/1.1").to_owned();
    let headers = lines.iter().map(|line| line.to_lowercase()).collect();
    Ok((first, headers))
}

fn act(
    mut stream: &TcpStream,
    mut reader: BufReader<&TcpStream>,
    act: Act,
    flooded: &AtomicU64,
) -> std::io::Result<()> {
    match act {
        Act::Answer(status, headers, body) => {
            let mut answer = format!("HTTP/1.1 {status} Scripted\r\n");
            for (name, value) in headers {
                answer.push_str(&format!("{name}: {value}\r\n"));
            }
            answer.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
            // In one write: a client may go away after what it wanted.
            let whole = [answer.into_bytes(), body].concat();
            stream.write_all(&whole)?;
            wait_for_close(&mut reader)
        }
        Act::Hang => wait_for_close(&mut reader),
        Act::HangMidBody(body) => {
            half(stream, &body)?;
            wait_for_close(&mut reader)
        }
        Act::ResetMidBody(body) => {
            half(stream, &body)?;
            // The client reads the half; then the connection breaks off.
            std::thread::sleep(std::time::Duration::from_millis(2));
            stream.shutdown(std::net::Shutdown::Both)
        }
        Act::Close => stream.shutdown(std::net::Shutdown::Both),
        Act::Flood { bytes, announced } => flood(stream, bytes, announced, flooded),
    }
}

fn half(mut stream: &TcpStream, body: &[u8]) -> std::io::Result<()> {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length";
    write!(stream, "{head}: {}\r\n\r\n", body.len())?;
    stream.write_all(&body[..body.len() / 2])
}

fn flood(
    mut stream: &TcpStream,
    bytes: u64,
    announced: bool,
    flooded: &AtomicU64,
) -> std::io::Result<()> {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    if announced {
        write!(stream, "{head}Content-Length: {bytes}\r\n\r\n")?;
    } else {
        // Ends with the connection: its length is unknown beforehand.
        write!(stream, "{head}Connection: close\r\n\r\n")?;
    }
    let piece = vec![b'"'; 1 << 16];
    for _ in 0..bytes / piece.len() as u64 {
        stream.write_all(&piece)?;
        flooded.fetch_add(piece.len() as u64, Ordering::SeqCst);
    }
    Ok(())
}

fn wait_for_close(reader: &mut BufReader<&TcpStream>) -> std::io::Result<()> {
    let mut rest = [0; 256];
    while reader.read(&mut rest)? > 0 {}
    Ok(())
}
