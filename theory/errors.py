"""One exception for everything that the user can mend."""


class InputError(ValueError):
    """An argument, file or value that cannot be used; the message says what helps.

    The command line turns it into exit code 2.
    """
