"""The command line. Results go to standard output, progress and logs to standard error; 0 done, 1 refused, 2 called wrongly."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from ocop import asking, naming, planning
from ocop.importing.cli import importing
from ocop.options import AS_JSON, DATA, HOST, PORT, SUMMARY
from shared.contracts.topics import HOUSES


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Sổ đăng ký quốc gia OCOP / the national register of OCOP."""


for command in (*asking.COMMANDS, *planning.COMMANDS, naming.units):
    cli.add_command(command)


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
@SUMMARY
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
@SUMMARY
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
@click.argument("house")
@click.argument("view")
def rebuild(data: Path, house: str, view: str) -> None:
    """Dựng lại một khung nhìn / make a view again from its events while people work; Ctrl-C leaves it as it was."""
    from ocop.rebuild import run_rebuild

    sys.exit(run_rebuild(data, house, view))


@cli.command()
@DATA
@click.option("--house", help="Chỉ một nhà / one house only")
@AS_JSON
def views(data: Path, house: str | None, as_json: bool) -> None:
    """Xem các khung nhìn đến đâu / how far the views have come, and which stand before an event; 1 where one does."""
    from ocop.rebuild import print_views

    sys.exit(print_views(data, house, as_json=as_json))


@cli.command()
@DATA
@click.option("--house", help="Chỉ một nhà / one house only")
@click.option("--drop", is_flag=True, help="Xóa; sẽ được chụp lại / drop them; they are taken again when needed")
@AS_JSON
def snapshots(data: Path, house: str | None, drop: bool, as_json: bool) -> None:
    """Ảnh chụp các chuỗi sự kiện dài / snapshots of long aggregates: how many; or drop them."""
    from ocop.snapshots import run_snapshots

    sys.exit(run_snapshots(data, house, drop=drop, as_json=as_json))


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


cli.add_command(importing)

# --- dead letters ---


def as_reason(_: click.Context, option: click.Parameter, given: str | None) -> str | None:
    from shared.bus.decisions import SHORTEST_REASON

    if given is not None and len(given.strip()) < SHORTEST_REASON:
        raise click.BadParameter(f"ít nhất / at least {SHORTEST_REASON} ký tự / characters", param=option)
    return given and given.strip()


KINDS = click.Choice(["refused", "malformed", "failed", "queued", "unreadable"])
OF_HOUSE = click.argument("house", type=click.Choice(HOUSES))
ONE = click.argument("letter")
ONE_OR_ALL = click.argument("letter", required=False)
EVERY = click.option("--all", "every", is_flag=True, help="Mọi thư chết của nhà / every dead letter of the house")
OF_KIND = click.option("--kind", type=KINDS, help="Chỉ loại này / of this kind only")
WHY = click.option("--reason", required=True, callback=as_reason, help="Lý do, được ghi lại / why; it is recorded")
BY = click.option("--by", help="Ai quyết định, mặc định người dùng máy / who decides, by default this machine's user")


def chosen(house: str, letter: str | None, every: bool, kind: Any) -> Any:
    from ocop.dlq import Chosen

    if bool(letter) == every:
        raise click.UsageError("cần LETTER hoặc --all / either LETTER or --all is needed")
    if kind and not every:
        raise click.UsageError("--kind: cần --all / needs --all")
    return Chosen(house, letter, kind)


@cli.group()
def dlq() -> None:
    """Thư chết: xem, thử lại, sửa, bỏ / dead letters, the messages that a house could not take."""


@dlq.command("list")
@DATA
@click.option("--house", type=click.Choice(HOUSES), help="Chỉ một nhà / one house only")
@OF_KIND
@click.option("--waiting", is_flag=True, help="Cả thư đang thử lại hoặc xếp hàng / also what is tried again or queues")
@AS_JSON
def list_letters(data: Path, house: str | None, kind: Any, waiting: bool, as_json: bool) -> None:
    """Liệt kê / list them in the order in which they were heard."""
    from ocop.dlq import print_list

    sys.exit(print_list(data, house, kind, waiting=waiting, as_json=as_json))


@dlq.command("show")
@DATA
@OF_HOUSE
@ONE
@AS_JSON
def show_letter(data: Path, house: str, letter: str, as_json: bool) -> None:
    """Xem một thư như khi đến / show one as it came, why it was not taken, and what was decided about it."""
    from ocop.dlq import print_letter

    sys.exit(print_letter(data, house, letter, as_json=as_json))


@dlq.command("retry")
@DATA
@OF_HOUSE
@ONE_OR_ALL
@EVERY
@OF_KIND
@click.option("--reason", default="", help="Lý do, nếu có / why, if there is a reason to record")
@BY
@AS_JSON
def retry_letter(
    data: Path, house: str, letter: str | None, every: bool, kind: Any, reason: str, by: str | None, as_json: bool
) -> None:
    """Thử lại / put it back to work, through the present code and schema, and say what came of it."""
    from ocop.dlq import retry

    sys.exit(retry(data, chosen(house, letter, every, kind), reason, by, as_json=as_json))


@dlq.command("edit")
@DATA
@OF_HOUSE
@ONE
@click.option(
    "--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True,
    help="JSON: dữ liệu của thông điệp / the message's data",
)  # fmt: skip
@click.option("--whole", is_flag=True, help="Tệp là cả phong bì / the file holds the whole envelope")
@click.option("--no-retry", is_flag=True, help="Chưa thử lại / do not retry yet")
@WHY
@BY
@AS_JSON
def edit_letter(
    data: Path, house: str, letter: str, file: Path, whole: bool, no_retry: bool, reason: str, by: str | None, as_json: bool
) -> None:  # fmt: skip
    """Sửa dữ liệu rồi thử lại / put other data into it, then retry."""
    from ocop.dlq import edit

    try:
        content = json.loads(file.read_bytes())
    except ValueError as error:
        raise click.UsageError(f"--file: {error}") from error
    if not isinstance(content, dict):
        raise click.UsageError("--file: cần một đối tượng JSON / a JSON object is needed")
    which = chosen(house, letter, False, None)
    sys.exit(edit(data, which, content, reason, by, whole=whole, again=not no_retry, as_json=as_json))


@dlq.command("drop")
@DATA
@OF_HOUSE
@ONE_OR_ALL
@EVERY
@OF_KIND
@WHY
@BY
@AS_JSON
def drop_letter(
    data: Path, house: str, letter: str | None, every: bool, kind: Any, reason: str, by: str | None, as_json: bool
) -> None:
    """Bỏ hẳn, có lý do / remove it for good, for a reason; what queues behind it goes on."""
    from ocop.dlq import drop

    if every and not kind:
        raise click.UsageError("--all: cần --kind / needs --kind")
    sys.exit(drop(data, chosen(house, letter, every, kind), reason, by, as_json=as_json))


def main() -> None:
    cli(prog_name="ocop")


if __name__ == "__main__":
    main()
