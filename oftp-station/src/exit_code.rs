//! What the exit code of the command `oftp` means: the whole list, and the only one.

use std::process::Termination;

/// How a command ended. The first trouble decides where several files met different ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// All files are sent and confirmed as asked for; or the listener ended as asked.
    #[default]
    Done = 0,
    /// Something inside this program failed that has no code of its own.
    Other = 1,
    /// An option is wrong, or a password or a key cannot be used. Nothing was sent.
    Usage = 2,
    /// No connection to the other station, or the address cannot be listened on; or no process
    /// runs the station that is to do something.
    Connection = 3,
    /// A station refused the other at the start: unknown, password, modes, authentication
    /// (ESID 03, 04, 10, 11, 12).
    SessionRefused = 4,
    /// The other station refused a file (SFNA), or the session cannot carry it: its level has no
    /// security.
    FileRefused = 5,
    /// A file was sent but not taken (EFNA), or a Negative End Response came (NERP).
    FileRejected = 6,
    /// A file was taken but its End to End Response has not come yet.
    NoResponse = 7,
    /// One side broke the protocol (ESID 01, 02, 06, 07), or it is not an OFTP station.
    Protocol = 8,
    /// The other station did not answer in time (ESID 09).
    TimeOut = 9,
    /// The session ended before its work was done (ESID 05, 08, 99, connection lost).
    SessionLost = 10,
    /// A local file cannot be read, changed while it was sent, or cannot be stored.
    LocalFile = 11,
    /// A certificate, a signature or an envelope is not good (`oftp cert check`, `oftp cms open`).
    NotGood = 12,
}

impl ExitCode {
    /// The list for `--help`; a test keeps it complete.
    pub const HELP: &str = "\
Exit codes:
   0  done
   1  failed inside this program
   2  wrong option, or unusable password or key; nothing was sent
   3  no connection, the address cannot be listened on, or no process
      runs the station                                               (try again)
   4  refused at the start: identity, password, mode or authentication
   5  file refused by the other station (SFNA), or not possible in its session
   6  file not accepted after it was sent (EFNA), or negative response (NERP)
   7  file accepted, but its End to End Response has not come yet    (run again)
   8  protocol violation, or the other side does not speak OFTP
   9  no answer in time                                              (try again)
  10  session ended before its work was done                         (try again)
  11  local file unreadable, changed while sent, or impossible to store
  12  a certificate, a signature or an envelope is not good
 130  interrupted
A command that is run again resumes what was cut and repeats nothing.";

    /// The code for an End Session reason (ESIDREAS, RFC 5024 section 5.3.11) that ended a
    /// session which was still needed.
    #[must_use]
    pub const fn for_esid_reason(reason: u8) -> Self {
        match reason {
            0 => Self::Done,
            1 | 2 | 6 | 7 => Self::Protocol,
            3 | 4 | 10 | 11 | 12 => Self::SessionRefused,
            9 => Self::TimeOut,
            _ => Self::SessionLost,
        }
    }

    /// Keeps the first trouble: `self` unless it is [`Done`](Self::Done), else `later`.
    #[must_use]
    pub const fn or(self, later: Self) -> Self {
        if matches!(self, Self::Done) {
            later
        } else {
            self
        }
    }

    /// The number the shell sees.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

impl Termination for ExitCode {
    fn report(self) -> std::process::ExitCode {
        self.number().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_lists_every_code() {
        let listed: Vec<u8> = ExitCode::HELP
            .lines()
            .filter_map(|line| line.split_whitespace().next()?.parse().ok())
            .collect();
        let mut expected: Vec<u8> = (0..=ExitCode::NotGood.number()).collect();
        expected.push(130);
        assert_eq!(listed, expected);
    }

    #[test]
    fn the_first_trouble_decides() {
        assert_eq!(
            ExitCode::Done.or(ExitCode::FileRefused),
            ExitCode::FileRefused
        );
        assert_eq!(
            ExitCode::FileRefused.or(ExitCode::TimeOut),
            ExitCode::FileRefused
        );
    }

    #[test]
    fn reasons_of_the_start_phase_differ_from_violations() {
        assert_eq!(ExitCode::for_esid_reason(4), ExitCode::SessionRefused);
        assert_eq!(ExitCode::for_esid_reason(7), ExitCode::Protocol);
        assert_eq!(ExitCode::for_esid_reason(8), ExitCode::SessionLost);
    }
}
