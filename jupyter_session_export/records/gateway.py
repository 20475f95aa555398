"""How a kernel that can't reach its server asks it for an export: a message of our own on iopub."""

from __future__ import annotations

EXPORT_REQUEST = "session_export_request"
"""Its msg_type. Content: `display_id` of the output to answer in, `notebook` (bool), and what
`POST exports` takes of `session_id`, `include` and `compression`. Pages pass over what they don't
know."""
