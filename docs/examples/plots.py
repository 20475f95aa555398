"""What a run displays is in its outputs, in nbformat's form; pictures are base64."""

import base64
from pathlib import Path

from jupyter_session_export import Session

CODE = """
%matplotlib inline
import matplotlib.pyplot as plt
plt.plot([1, 4, 9, 16])
plt.show()
"""

result = Session.run(CODE).require_success()
pictures = [output["data"]["image/png"] for output in result.outputs if "data" in output]
Path("plot.png").write_bytes(base64.b64decode(pictures[0]))
assert Path("plot.png").read_bytes().startswith(b"\x89PNG")
