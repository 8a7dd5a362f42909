"""The command line. Results go to standard output, progress and logs to standard error; 0 done, 1 refused, 2 called wrongly."""

import sys
from datetime import datetime
from pathlib import Path

import click

DATA = click.option(
    "--data", type=click.Path(path_type=Path), default=Path("var"), show_default=True, envvar="OCOP_DATA",
    help="Thư mục dữ liệu / folder of the data",
)  # fmt: skip
PORT = click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Cổng / port")
HOST = click.option("--host", default="127.0.0.1", show_default=True, help="Địa chỉ nghe / address to listen on")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="In JSON / print JSON")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Sổ đăng ký quốc gia OCOP / the national register of OCOP."""


@cli.command()
@DATA
@PORT
@HOST
def up(data: Path, port: int, host: str) -> None:
    """Chạy chương trình / run the program on the data there is, and serve until Ctrl-C."""
    from ocop.serve import serve

    sys.exit(serve(data, host, port))


@cli.command()
@DATA
@PORT
@HOST
@click.option("--exit", "leave", is_flag=True, help="Kết thúc sau bảng tổng hợp / end after the summary")
@click.option(
    "--json", "summary", type=click.Path(path_type=Path), help="Ghi tổng hợp ra tệp / write the summary to FILE"
)
def demo(data: Path, port: int, host: str, leave: bool, summary: Path | None) -> None:
    """Chạy mùa OCOP mô phỏng rồi phục vụ / play the simulated season, show what came of it, and keep serving."""
    from ocop.serve import serve_demo

    sys.exit(serve_demo(data, host, port, leave=leave, summary=summary))


@cli.command()
@DATA
@PORT
@click.option(
    "--kafka-port", type=click.IntRange(1, 65535), default=9092, show_default=True, envvar="OCOP_KAFKA_PORT",
    help="Cổng của Kafka / port of Kafka",
)  # fmt: skip
@click.option("--demo", is_flag=True, help="Chạy mùa mô phỏng / play the simulated season")
@click.option("--exit", "leave", is_flag=True, help="Kết thúc sau bảng tổng hợp / end after the season's summary")
@click.option(
    "--json", "summary", type=click.Path(path_type=Path), help="Ghi tổng hợp ra tệp / write the summary to FILE"
)
def native(data: Path, port: int, kafka_port: int, demo: bool, leave: bool, summary: Path | None) -> None:
    """Chạy từng nhà thành tiến trình riêng / run the houses as processes of their own over Kafka and PostgreSQL."""
    from ocop.native.bringing_up import Wanted
    from ocop.native.serve import serve_native

    if (leave or summary) and not demo:
        raise click.UsageError("--exit, --json: cần --demo / need --demo")
    sys.exit(serve_native(Wanted(data, port, kafka_port, demo, leave, summary)))


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
def score(file: Path) -> None:
    """Chấm các trường hợp trong FILE (JSON) / score the cases of FILE; needs no server."""
    from shared.regulation.cases import score_file
    from shared.values import Refusal

    try:
        sys.stdout.buffer.write(score_file(file))
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror}") from error
    except Refusal as refusal:
        raise click.UsageError(f"{refusal.message_vi} / {refusal.message_en}") from refusal


@cli.command()
@DATA
@click.option("--house", help="Chỉ một nhà / one house only")
@click.option("--types", help="Các loại, cách nhau bằng dấu phẩy / types, separated by commas")
@click.option("--product", help="Mã UUID của sản phẩm / product id")
@click.option("--after", type=click.IntRange(0), default=0, help="Sau vị trí này / after this position of each house")
@click.option("--limit", type=click.IntRange(1), default=None, help="Nhiều nhất / at most")
def events(
    data: Path, house: str | None, types: str | None, product: str | None, after: int, limit: int | None
) -> None:
    """In các thông điệp đã nói, mỗi dòng một CloudEvent JSON / print what was said, one CloudEvent a line."""
    from ocop.inspect import print_events

    sys.exit(print_events(data, house=house, types=types, product=product, after=after, limit=limit))


@cli.command()
@DATA
@AS_JSON
def fsck(data: Path, as_json: bool) -> None:
    """Kiểm tra toàn vẹn / prove that the stores are whole: versions, chains, deliveries, views."""
    from ocop.inspect import run_fsck

    sys.exit(run_fsck(data, as_json=as_json))


@cli.command()
@DATA
@click.option("--house", help="Chỉ một nhà / one house only")
@click.option("--from", "first", type=click.IntRange(1), default=1, help="Từ vị trí này / from this position on")
@click.option("--to", "upto", type=click.IntRange(1), default=None, help="Đến vị trí này / up to this position")
@click.option(
    "--checkpoint", "file", type=click.Path(path_type=Path), default=None,
    help="So với bản lưu điểm kiểm tra / hold it against checkpoints kept in FILE",
)  # fmt: skip
@AS_JSON
def verify(data: Path, house: str | None, first: int, upto: int | None, file: Path | None, as_json: bool) -> None:
    """Chứng minh chuỗi băm / prove the hash chain and name the first bad event; also beside a running program."""
    from ocop.verify import run_verify

    sys.exit(run_verify(data, house=house, first=first, upto=upto, file=file, as_json=as_json))


@cli.group()
def checkpoint() -> None:
    """Điểm kiểm tra của chuỗi băm / signed checkpoints of the hash chain."""


@checkpoint.command()
@DATA
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--house", help="Chỉ một nhà / one house only")
def export(data: Path, file: Path, house: str | None) -> None:
    """Ghi các điểm kiểm tra ra FILE để lưu nơi khác / write them to FILE, to be kept elsewhere."""
    from ocop.verify import export_checkpoints

    sys.exit(export_checkpoints(data, file, house))


@cli.command()
@DATA
@click.option("--to", required=True, help="Bên nhận / the consumer's name, or file:PATH")
@click.option("--from", "begin", required=True, help="POSITION | HOUSE:POSITION | YYYY-MM-DD, kể cả / included")
@click.option("--until", "end", help="Như --from, kể cả; mặc định đến hết / as --from, included; by default the end")
@click.option("--types", help="Các loại, cách nhau bằng dấu phẩy / types, separated by commas")
@click.option("--house", help="Chỉ một nhà / one house only")
def replay(data: Path, to: str, begin: str, end: str | None, types: str | None, house: str | None) -> None:
    """Nói lại cho một bên nhận / say contracts again to one consumer, marked as replay; nobody else hears it."""
    from ocop.replay import run_replay

    sys.exit(run_replay(data, to=to, begin=begin, end=end, types=types, house=house))


@cli.command()
@DATA
@click.option("--province", help="Mã tỉnh / province code")
@click.option(
    "--on", type=click.DateTime(formats=["%Y-%m-%d"]),
    help="Tình trạng của ngày này, mặc định hôm nay / as it stood on this day, today by default",
)  # fmt: skip
@click.option(
    "--state", help="Tình trạng, cách nhau bằng dấu phẩy / states, separated by commas: open,remind,overdue,…"
)
@AS_JSON
def due(data: Path, province: str | None, on: datetime | None, state: str | None, as_json: bool) -> None:
    """Xem các thời hạn của mọi nhà / list the limits of all houses: whose, until when, open, overdue or met."""
    from ocop.due import print_due

    sys.exit(print_due(data, province=province, on=on and on.date(), states=state, as_json=as_json))


@cli.command()
@DATA
@click.argument("house")
@click.argument("view")
def rebuild(data: Path, house: str, view: str) -> None:
    """Dựng lại một khung nhìn / make a view of a house again from its events."""
    from ocop.inspect import run_rebuild

    sys.exit(run_rebuild(data, house, view))


@cli.command()
@DATA
@click.option("--house", help="Chỉ một nhà / one house only")
@click.option(
    "--against", type=click.Path(path_type=Path), metavar="FILE",
    help="CloudEvents đã nghe, mỗi dòng một JSON; mặc định: Kafka / what was heard, as JSON lines; by default Kafka",
)  # fmt: skip
@click.option(
    "--continue", "reason", metavar="REASON",
    help="Ghi nhận phần đã mất và đi tiếp / record what is lost, for this reason, and let the houses go on",
)  # fmt: skip
@AS_JSON
def restored(data: Path, house: str | None, against: Path | None, reason: str | None, as_json: bool) -> None:
    """Sau khi phục hồi: bên ngoài đã nghe gì mà kho không còn / after a restore: what others heard that the stores lack."""
    from ocop.restored import run_restored

    sys.exit(run_restored(data, against=against, house=house, reason=reason, as_json=as_json))


@cli.command()
@DATA
def prepare(data: Path) -> None:
    """Chuẩn bị cơ sở dữ liệu và topic cho các nhà / make the houses' databases, schemas and topics."""
    from ocop.prepare import run_prepare

    sys.exit(run_prepare(data))


@cli.command()
@DATA
@click.option(
    "--json", "summary", type=click.Path(path_type=Path), help="Ghi tổng hợp ra tệp / write the summary to FILE"
)
def season(data: Path, summary: Path | None) -> None:
    """Chạy mùa OCOP mô phỏng trên các nhà đang chạy / play the simulated season before houses that run elsewhere."""
    from ocop.native.stage import run_season

    sys.exit(run_season(data, summary))


@cli.command()
@DATA
@click.option("--role", required=True, help="Vai trò / role, e.g. agency")
@click.option("--place", required=True, help="Nơi / province or commune code, TW, or a producer's id")
@click.option("--actor", default=None, help="Mã người dùng / actor id, by default the role")
def token(data: Path, role: str, place: str, actor: str | None) -> None:
    """Ký mã truy cập để thử / sign a token for trying things out; refused unless OCOP_DEV=1."""
    from ocop.inspect import print_token

    sys.exit(print_token(data, role, place, actor or role))


def main() -> None:
    cli(prog_name="ocop")


if __name__ == "__main__":
    main()
