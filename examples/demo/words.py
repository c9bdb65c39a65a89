"""How things are said in a terminal."""

import textwrap

WIDTH = 108


def title(number, text):
    heading = f"{number}. {text}"
    print(f"\n{heading}\n{'-' * len(heading)}")


def said(who, text, indent=3, after=12):
    """Prints who said it, and what, wrapped beside that."""
    begin = " " * indent + f"{who:{after - indent - 1}} "
    print(textwrap.fill(text, WIDTH, initial_indent=begin,
                        subsequent_indent=" " * len(begin), break_on_hyphens=False,
                        break_long_words=False))


def told(text):
    """Prints a text, wrapped and moved in."""
    print(textwrap.fill(text, WIDTH, initial_indent="   ", subsequent_indent="   "))


def yes(answer):
    return "yes" if answer else "no"


def write(path, content):
    path.write_bytes(content)
    return path


def same(one, other):
    """Whether two files hold the same octets."""
    return one.read_bytes() == other.read_bytes()
