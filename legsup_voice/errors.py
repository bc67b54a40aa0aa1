"""What the program says when its input is bad."""


class UserError(Exception):
    """Something the user can put right: one clear sentence saying what is wrong and what to do.

    The command line prints the sentence, without a traceback, and exits with status 2.
    """
