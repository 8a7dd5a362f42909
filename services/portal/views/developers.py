"""The page for developers: what is said on the bus, by whom, with its schema; the doors; and examples that run."""

from functools import cache

from services.portal.views.words import Text
from shared.contracts.schemas import said_by
from shared.contracts.topics import HOUSES, TOPICS

NAMES = {
    "registration": Text(
        "Đăng ký: chủ thể, ý tưởng, phương án, hồ sơ", "Registration: producers, ideas, plans, dossiers"
    ),
    "evaluation": Text("Đánh giá: đợt, hội đồng, điểm, hạng sao", "Evaluation: rounds, councils, scores, stars"),
    "certification": Text(
        "Chứng nhận: giấy, gia hạn, thu hồi, kiểm tra", "Certification: certificates, revocation, inspection"
    ),
    "promotion": Text(
        "Quảng bá: danh mục, câu chuyện, điểm bán, hội chợ", "Promotion: catalogue, stories, sales points, fairs"
    ),
    "programme": Text(
        "Chương trình: kế hoạch, chỉ tiêu, tập huấn, báo cáo", "Programme: plans, targets, trainings, reports"
    ),
}


@cache
def contracts() -> dict[str, list[str]]:
    """House -> the contracts that it says, as `CertificateIssued.v1`."""
    return {house: sorted(said_by(house)) for house in HOUSES}


def topic(house: str) -> str:
    return TOPICS[house].name


CURL = """# {one}
curl -s -H 'Accept: application/json' {base}/c/{number}
curl -s -H 'Accept: application/json' '{base}/c/{number}?on=2026-12-31'

# {many}
curl -s '{base}/events?types=CertificateIssued,CertificateRevoked&province=51&limit=100'
"""
PYTHON = """import json
from urllib.request import urlopen

BASE, after = "{base}", ""
while True:
    with urlopen(f"{{BASE}}/events?types=CertificateIssued&limit=100&after={{after}}") as answer:
        page = json.load(answer)
    for event in page["events"]:
        said = event["data"]
        print(said["issued_on"], said["number"], said["stars"], said["product"]["name"])
    if not page["events"]:
        break  # {waits}
    after = page["next"]  # {keeps}
"""
SAID = {
    "one": Text("một giấy chứng nhận, hôm nay và vào một ngày", "a certificate, today and on a day"),
    "many": Text("mọi sự kiện cấp và thu hồi của một tỉnh", "all certificates issued and revoked in a province"),
    "waits": Text("thêm &wait=5 thì chờ sự kiện mới", "with &wait=5 it waits for new ones"),
    "keeps": Text("giữ lại để lần sau đọc tiếp", "keep it to read on later"),
}


def examples(base: str, number: str) -> dict[str, Text]:
    """Ready to be run against the address under which the page was asked for; `number`: a certificate that there is."""
    found = {}
    for name, text in (("curl", CURL), ("python", PYTHON)):
        vi, en = ({key: said[language] for key, said in SAID.items()} for language in (0, 1))
        found[name] = Text(text.format(base=base, number=number, **vi), text.format(base=base, number=number, **en))
    return found
