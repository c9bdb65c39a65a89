//! `oftp doctor`: checks a partner, step by step, and explains what it finds.

mod show;

use std::time::Duration;

use super::UsageError;
use crate::args::{DoctorArgs, OutputArgs};
use crate::exchange::Voice;
use crate::exit_code::ExitCode;
use crate::station::config::Config;
use crate::station::doctor::{Options, Step, TestFile, Verdict, examine};

/// Runs the command.
pub(super) fn run(
    args: &DoctorArgs,
    output: OutputArgs,
    voice: &Voice,
) -> Result<ExitCode, UsageError> {
    let folder = args.station.folder().map_err(UsageError::Option)?;
    let config = Config::load(&folder).map_err(|errors| UsageError::Option(errors.to_string()))?;
    let Some(partner) = config.partner(&args.partner) else {
        let names: Vec<_> = config
            .partners
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        return Err(UsageError::Option(format!(
            "there is no partner {:?} in {}; there {}",
            args.partner,
            folder.config().display(),
            match names.as_slice() {
                [] => "are none".to_owned(),
                [one] => format!("is {one}"),
                names => format!("are {}", names.join(", ")),
            }
        )));
    };
    let options = Options {
        timeout: Duration::from_secs(args.timeout.into()),
        file: match (&args.send_test, args.test_file) {
            (Some(path), _) => Some(TestFile::Path(path.clone())),
            (None, true) => Some(TestFile::Made),
            (None, false) => None,
        },
        trace: output.trace.then(|| voice.clone()),
    };
    let mut shown = show::Shown::begin(partner, output);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let exit_code = runtime.block_on(examine(&config, partner, &options, &mut |step: &Step| {
        shown.step(step);
    }));
    shown.end(exit_code);
    Ok(exit_code)
}
