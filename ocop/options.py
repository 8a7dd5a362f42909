"""Options that many commands have alike."""

from pathlib import Path

import click

DATA = click.option(
    "--data", type=click.Path(path_type=Path), default=Path("var"), show_default=True, envvar="OCOP_DATA",
    help="Thư mục dữ liệu / folder of the data",
)  # fmt: skip
PORT = click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Cổng / port")
HOST = click.option("--host", default="127.0.0.1", show_default=True, help="Địa chỉ nghe / address to listen on")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="In JSON / print JSON")
SUMMARY = click.option(
    "--json", "summary", type=click.Path(path_type=Path), help="Ghi tổng hợp ra tệp / write the summary to FILE"
)
