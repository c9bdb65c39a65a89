"""What the lines of a trace mean: the commands with their fields in plain words, and the states."""

import re
import textwrap

from reports import Failure

STEP = re.compile(r"\s+9\.\d+ \S+ \S+ (.+) -> (\S+)$")
COMMAND = re.compile(r"(->|<-) ([A-Z]+),? \(?(\d+) octets\)?")
TRACE_WIDTH, WORDS_WIDTH = 45, 62

# RFC 5024 section 9.3.1.
STATES = {
    "I_WF_NC": "Initiator, waits for the network connection",
    "I_WF_RM": "Initiator, waits for the Ready Message",
    "I_WF_SSID": "Initiator, waits for the SSID of the other side",
    "WF_AUCH": "waits for the partner's challenge",
    "WF_SECD": "has proved who it is; waits to be asked for its own challenge",
    "WF_AURP": "has challenged, waits for the answer",
    "IDLESP": "Speaker, with nothing in progress",
    "IDLESPCD": "Speaker again: the other side gave the turn",
    "OPOP": "Speaker, waits for the answer to SFID",
    "OPO": "Speaker, file open: may send data",
    "OPOWFC": "Speaker, file open: no credit left, waits for CDT",
    "CLOP": "Speaker, waits for the answer to EFID",
    "IDLELI": "Listener, with nothing in progress",
    "IDLELICD": "Listener: has given the turn",
    "RTRP": "Listener, has an EERP: owes RTR",
    "WF_NDISC": "has said ESID, waits until the other side hangs up",
    "IDLE": "no connection",
}


def fields(trace, arrow, name):
    """The fields of the first such command of a trace: its name is taken off theirs, and the
    leading zeros off numbers."""
    for line in trace:
        match = COMMAND.match(line)
        if match and (match[1], match[2]) == (arrow, name):
            pairs = re.findall(rf" {name}([A-Z0-9]+)=(.*?)(?= {name}[A-Z0-9]+=|$)", line)
            return {key.lower(): value for key, value in pairs}
    raise Failure(f"the trace does not show `{arrow} {name}`")


def number(text):
    return int(text or "0")


def commands(trace):
    """The commands of a trace as (arrow, name)."""
    found = (COMMAND.match(line) for line in trace)
    return [(match[1], match[2]) for match in found if match]


AUTHENTICATION = "->SECD <-AUCH ->AURP <-SECD ->AUCH <-AURP"


def in_one_line(trace):
    """The commands of a session in one line; DATA and CDT, which alternate, are counted, and
    the six commands of secure authentication are told in short."""
    sequence = commands(trace)
    parts = []
    for step in sequence:
        arrow, name = step
        times = sequence.count(step)
        part = f"{arrow}{name}" if times == 1 or name == "CD" else f"{arrow}{name}*{times}"
        if name not in ("DATA", "CDT") or part not in parts:
            parts.append(part)
    return " ".join(parts).replace(AUTHENTICATION, "(AUCH AURP)*2")


def table(trace):
    """Prints each line of a trace beside what it means; of a command, its fields in words."""
    words = meanings(trace)
    skipped, flow = [], 0
    for line in trace:
        is_flow = bool(re.search(r"DATA|CDT", line))
        flow += is_flow
        if is_flow and flow > 8:  # credit has run out, and has come again: the rest is the same
            skipped.append(line)
            continue
        if skipped:
            data, cdt = (sum(name == n for _, n in commands(skipped)) for name in ("DATA", "CDT"))
            beside(f"   ({data} more DATA, {cdt} more CDT)", "on and on in the same way")
            skipped = []
        command = COMMAND.match(line)
        beside(command[0] if command else line, meaning(line, words))


def meaning(line, words):
    step, command = STEP.match(line), COMMAND.match(line)
    if step:
        return STATES.get(step[2], "")
    key = (command[1], command[2]) if command else None
    if key not in words:
        raise Failure(f"the demo does not know the line `{line}` of the trace")
    said = words[key]
    return said.pop(0) if isinstance(said, list) else said


def beside(left, right):
    """Prints two columns; the right one is wrapped."""
    for line in textwrap.wrap(right, WORDS_WIDTH) or [""]:
        print(f"{left:{TRACE_WIDTH}} {line}".rstrip())
        left = ""


def meanings(trace):
    """Plain words for each command of the trace of an Initiator that sends a secured file, with
    its fields."""
    return {**of_the_start(trace), **of_the_file(trace)}


def of_the_start(trace):
    offer, answer = fields(trace, "->", "SSID"), fields(trace, "<-", "SSID")
    theirs, ours = fields(trace, "<-", "AUCH"), fields(trace, "->", "AUCH")
    return {
        ("<-", "SSRM"): "Start Session Ready Message: the one called (Responder) greets.",
        ("->", "SSID"): f"Start Session: `I am {offer['code']}`, the password, and what I can: "
        f"SSIDLEV {offer['lev']}, buffers of {number(offer['sdeb'])} octets, credit "
        f"{number(offer['cred'])}; SSIDAUTH {offer['auth']}: I want secure authentication.",
        ("<-", "SSID"): f"`I am {answer['code']}`, its password, and what counts from now on: "
        f"SSIDLEV {answer['lev']}, {number(answer['sdeb'])} octets, credit "
        f"{number(answer['cred'])}, SSIDAUTH {answer['auth']}.",
        ("->", "SECD"): "Security Change Direction: `challenge me`.",
        ("<-", "AUCH"): "Authentication Challenge: 20 random octets, encrypted for the certificate "
        f"that BETA has of ALPHA, {number(theirs['chll'])} octets of CMS.",
        ("->", "AURP"): "Authentication Response: the 20 octets. Only who holds ALPHA's private "
        "key could read them.",
        ("<-", "SECD"): "And the other way round: `now challenge me`.",
        ("->", "AUCH"): "20 other random octets, encrypted for BETA's certificate, "
        f"{number(ours['chll'])} octets.",
        ("<-", "AURP"): "BETA's answer is right: it holds BETA's private key. The caller is the "
        "Speaker now, the other the Listener.",
    }


def of_the_file(trace):
    file, start = fields(trace, "->", "SFID"), fields(trace, "<-", "SFPA")
    end, eerp = fields(trace, "->", "EFID"), fields(trace, "<-", "EERP")
    return {
        ("->", "SFID"): f"Start File: dataset name {file['dsn']}, stamp {file['date']} "
        f"{file['time']}, format {file['fmt']}, from {file['orig']} to {file['dest']}. "
        f"{number(file['osiz'])} blocks of 1,024 octets, in an envelope of {number(file['fsiz'])}: "
        f"signed and encrypted (SFIDSEC {file['sec']}) by cipher suite {file['ciph']}, compressed "
        f"(SFIDCOMP {file['comp']}); the EERP shall be signed (SFIDSIGN {file['sign']}).",
        ("<-", "SFPA"): f"Start File Positive Answer: `send it`, from {number(start['acnt'])} on "
        "(SFPAACNT; more than 0 after a cut).",
        ("->", "DATA"): [
            "A Data Exchange Buffer of the envelope. Each one takes 1 off the credit.",
            "The next, without waiting for an answer: there is credit.",
            "And the last that the credit allows.",
        ],
        ("<-", "CDT"): "Set Credit: `I have room again`, the credit is full again.",
        ("->", "EFID"): f"End File: `that was all`, {number(end['ucnt']):,} octets (EFIDUCNT).",
        ("<-", "EFPA"): "End File Positive Answer. EFPA means: it is on my disk.",
        ("->", "CD"): "Change Direction: `now you may speak`.",
        ("<-", "EERP"): f"End to End Response for {eerp['dsn']} of {eerp['date']} "
        f"{eerp['time']}: opened, found good and delivered. With the hash of the envelope, "
        f"{number(eerp['hshl'])} octets, and signed, {number(eerp['sigl'])} octets.",
        ("->", "RTR"): "Ready To Receive: `I have noted that, go on`.",
        ("<-", "CD"): "`I have nothing more to say, your turn`.",
        ("->", "ESID"): f"End Session, reason {fields(trace, '->', 'ESID')['reas']} (normal).",
    }
