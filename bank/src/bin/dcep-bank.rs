//! `dcep-bank`: an issuer and an operator, served over HTTP.

use std::{error::Error, net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc, time::SystemTime};

use bank::{
    Bank, BankConfig, Clock, ClockError, Entropy, EntropyError, Place, http::serve,
    operator::policies::Profile,
};
use clap::Parser;
use protocol::{Amount, Name, Timestamp};

/// An issuer and an operator of digital cash, served over HTTP.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// Where to listen; port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:8440")]
    listen: SocketAddr,

    /// The folder of the books. It holds secret keys. Without it the books are in memory, and gone at the end.
    #[arg(long)]
    data: Option<PathBuf>,

    /// The name of the operator.
    #[arg(long, default_value = "Demo Bank")]
    name: String,

    /// Yuan that every new account is given, like 100.00.
    #[arg(long)]
    welcome: Option<Amount>,

    /// The published limits to follow: cn-2020 or cn-2021.
    #[arg(long, default_value = "cn-2020", value_parser = profile)]
    profile: Profile,
}

fn profile(name: &str) -> Result<Profile, String> {
    Profile::from_name(name).ok_or_else(|| {
        let known = Profile::ALL.map(Profile::name).join(", ");
        format!("unknown profile; there are {known}")
    })
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dcep-bank: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let place = arguments.data.map_or(Place::Memory, Place::Folder);
    let mut config = BankConfig::new(place, Name::new(arguments.name)?);
    config.operator.welcome = arguments.welcome;
    config.operator.profile = arguments.profile;
    let bank = Arc::new(Bank::open(
        config,
        Arc::new(SystemClock),
        Arc::new(SystemEntropy),
    )?);

    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(arguments.listen).await?;
        println!("listening on http://{}", listener.local_addr()?);
        println!("root key {}", bank.root());
        serve(bank, listener, told_to_stop()).await?;
        Ok(())
    })
}

/// Ends when the user or the system asks the program to stop.
async fn told_to_stop() {
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = terminate.recv() => return,
            _ = tokio::signal::ctrl_c() => return,
        }
    }
    drop(tokio::signal::ctrl_c().await);
}

/// The operating system's clock.
struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Result<Timestamp, ClockError> {
        SystemTime::UNIX_EPOCH
            .elapsed()
            .map(|since| Timestamp::from_seconds(since.as_secs()))
            .map_err(|_| ClockError)
    }
}

/// The operating system's randomness.
struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(bytes).map_err(|_| EntropyError)
    }
}
