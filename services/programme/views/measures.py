"""What is counted of the yearly cycle across provinces: every kind of fact with its definition, source and dimensions.

A kind either happened (it counts from its day on) or stands (it counts on the days on which it does).
"""

from dataclasses import dataclass
from typing import Literal

Source = Literal["registration", "evaluation", "certification", "promotion", "programme"]
Dimension = Literal["province", "commune", "stars", "group", "producer_kind", "year", "confidence", "source"]
What = Literal[
    "producers", "producers_verified", "ideas", "ideas_accepted", "ideas_withdrawn", "plans_submitted",
    "plans_approved", "products", "recognitions_noted", "dossiers", "dossiers_returned", "dossiers_forwarded",
    "assessments", "scored",
    "annulled", "appeals", "certificates", "certificates_valid", "certificates_extended", "certificates_expired",
    "certificates_revoked", "certificates_replaced", "products_listed", "stories", "shelves", "sales_points", "fairs",
    "partners", "provincial_plans", "tasks", "tasks_done", "trainings",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measure:
    """A kind of fact: what its number means, and by what it can be counted."""

    source: Source
    by: tuple[Dimension, ...]
    vi: str
    en: str

    @property
    def definition(self) -> dict[str, str]:
        return {"vi": self.vi, "en": self.en}


PROVINCES: tuple[Dimension, ...] = ("province", "year")
PLACES: tuple[Dimension, ...] = (*PROVINCES, "commune")
PRODUCERS: tuple[Dimension, ...] = (*PLACES, "producer_kind")
PRODUCTS: tuple[Dimension, ...] = (*PRODUCERS, "group")
STARRED: tuple[Dimension, ...] = (*PRODUCTS, "stars")
RECOGNISED: tuple[Dimension, ...] = (*STARRED, "confidence", "source")

MEASURES: dict[What, Measure] = {
    # --- registration ---
    "producers": Measure(
        "registration", PRODUCERS,
        "Chủ thể đã đăng ký đến hết ngày hỏi, mỗi chủ thể một lần; kể cả chủ thể có sản phẩm công nhận trước đây, tính từ ngày "
        "nhập vào sổ. Năm: năm đăng ký.",
        "Producers registered by the day, each once; those of earlier recognitions from the day on which these were taken in. "
        "Year: of the registration.",
    ),
    "producers_verified": Measure(
        "registration", PRODUCERS,
        "Chủ thể được xã xác nhận đến hết ngày hỏi. Năm: năm xác nhận.",
        "Producers confirmed by their commune by the day. Year: of the confirmation.",
    ),
    "ideas": Measure(
        "registration", PRODUCTS,
        "Ý tưởng sản phẩm đã đăng ký đến hết ngày hỏi, mỗi ý tưởng một lần, kể cả đã rút. Năm: năm đăng ký.",
        "Product ideas registered by the day, each once, also if withdrawn since. Year: of the registration.",
    ),
    "ideas_accepted": Measure(
        "registration", PRODUCTS,
        "Ý tưởng được chấp nhận đến hết ngày hỏi. Năm: năm chấp nhận.",
        "Ideas accepted by the day. Year: of the acceptance.",
    ),
    "ideas_withdrawn": Measure(
        "registration", PRODUCTS,
        "Ý tưởng đã rút đến hết ngày hỏi. Năm: năm rút.",
        "Ideas withdrawn by the day. Year: of the withdrawal.",
    ),
    "plans_submitted": Measure(
        "registration", PRODUCTS,
        "Phương án kinh doanh đã nộp đến hết ngày hỏi, tính lần nộp đầu. Năm: năm nộp lần đầu.",
        "Business plans submitted by the day, by their first submission. Year: of that submission.",
    ),
    "plans_approved": Measure(
        "registration", PRODUCTS,
        "Phương án kinh doanh được phê duyệt đến hết ngày hỏi. Năm: năm phê duyệt.",
        "Business plans approved by the day. Year: of the approval.",
    ),
    "products": Measure(
        "registration", PRODUCTS,
        "Sản phẩm có trong sổ đến hết ngày hỏi; sản phẩm công nhận trước đây tính từ ngày nhập. Năm: năm vào sổ.",
        "Products in the register by the day; those of earlier recognitions from the day on which these were taken in. "
        "Year: of the entry.",
    ),
    "recognitions_noted": Measure(
        "registration", RECOGNISED,
        "Lần công nhận trước đây chỉ biết một phần (thường thiếu ngày) nên không có giấy chứng nhận trong sổ, theo sổ cũ và "
        "nguồn công khai; tính từ ngày quyết định, không rõ thì từ hết năm công nhận, không rõ năm thì từ ngày nhập. Năm: "
        "theo cách tính đó.",
        "Earlier recognitions known only in part (mostly without a date), so that the register has no certificate of them, from "
        "old registers and public sources; from the day of the decision, else from the end of its year, else from the day of "
        "their recording. Year: of that day.",
    ),
    "dossiers": Measure(
        "registration", PRODUCTS,
        "Hồ sơ đã nộp cho xã đến hết ngày hỏi (Điều 7.1), tính lần nộp đầu; nộp bổ sung không tính thêm. Năm: năm nộp.",
        "Dossiers filed with the commune by the day (art. 7.1), by their first filing; a completion does not count again. "
        "Year: of the filing.",
    ),
    "dossiers_returned": Measure(
        "registration", PRODUCTS,
        "Hồ sơ từng bị xã trả lại vì thiếu giấy tờ đến hết ngày hỏi (Điều 7.2), mỗi hồ sơ một lần. Năm: năm trả lần đầu.",
        "Dossiers that the commune had given back for missing papers by the day (art. 7.2), each once. "
        "Year: of the first return.",
    ),
    "dossiers_forwarded": Measure(
        "registration", PRODUCTS,
        "Hồ sơ xã đã chuyển lên tỉnh đến hết ngày hỏi (Điều 7.2). Năm: năm chuyển.",
        "Dossiers that the commune had forwarded to the province by the day (art. 7.2). Year: of the forwarding.",
    ),
    # --- evaluation ---
    "assessments": Measure(
        "evaluation", PRODUCTS,
        "Lần đánh giá đã mở đến hết ngày hỏi; mỗi cấp và mỗi lần đánh giá lại tính riêng. Năm: năm mở.",
        "Assessments opened by the day; each level and each assessment anew counts by itself. Year: of the opening.",
    ),
    "scored": Measure(
        "evaluation", STARRED,
        "Kết quả hội đồng đã quyết định đến hết ngày hỏi, kể cả bị hủy về sau; hạng sao sau điều kiện bắt buộc, 0 là không đạt "
        "hạng. Năm: năm quyết định.",
        "Results decided by councils by the day, also if annulled since; stars are those after the gates, 0 is none. "
        "Year: of the decision.",
    ),
    "annulled": Measure(
        "evaluation", PRODUCTS,
        "Lần đánh giá bị hủy kết quả đến hết ngày hỏi (Điều 10.1.b). Năm: năm hủy.",
        "Assessments annulled by the day (art. 10.1.b). Year: of the annulment.",
    ),
    "appeals": Measure(
        "evaluation", PRODUCTS,
        "Khiếu nại kết quả đánh giá đã nhận đến hết ngày hỏi. Năm: năm nhận.",
        "Appeals lodged against results by the day. Year: of the appeal.",
    ),
    # --- certification ---
    "certificates": Measure(
        "certification", RECOGNISED,
        "Giấy chứng nhận đã cấp: ngày cấp <= ngày hỏi, kể cả đã hết hiệu lực; cấp mới, nâng hạng, cấp lại và công nhận trước "
        "đây. Năm: năm cấp.",
        "Certificates issued: issued_on <= on, also if ended since; first ones, upgrades, renewals and earlier recognitions. "
        "Year: of issue.",
    ),
    "certificates_valid": Measure(
        "certification", RECOGNISED,
        "Giấy chứng nhận còn hiệu lực trong ngày: ngày cấp <= ngày hỏi <= ngày hết hạn, được gia hạn (Điều 12.3) thì đến hết "
        "ngày gia hạn; bị thay thế hoặc thu hồi thì đến hết ngày liền trước. Năm: năm cấp.",
        "Certificates valid on the day: issued_on <= on <= expires_on, through the last day of an extension (art. 12.3); until "
        "the day before one is replaced or revoked. Year: of issue.",
    ),
    "certificates_extended": Measure(
        "certification", STARRED,
        "Giấy chứng nhận trong ngày hỏi đã quá ngày hết hạn và còn hiệu lực nhờ gia hạn (Điều 12.3). Năm: năm bắt đầu gia hạn.",
        "Certificates past their expiry date and valid on the day by extension (art. 12.3). Year: in which the extension "
        "begins.",
    ),
    "certificates_expired": Measure(
        "certification", STARRED,
        "Giấy chứng nhận đã hết hạn trong ngày hỏi, không bị thay thế hay thu hồi. Năm: năm của ngày đầu tiên hết hiệu lực.",
        "Certificates that have expired, not replaced or revoked. Year: of the first day without validity.",
    ),
    "certificates_revoked": Measure(
        "certification", STARRED,
        "Giấy chứng nhận bị thu hồi (Điều 8) hoặc thu lại vì công nhận sai (Điều 10.1.b) có hiệu lực đến hết ngày hỏi. Năm: "
        "năm có hiệu lực.",
        "Certificates revoked (art. 8) or withdrawn as wrong recognitions (art. 10.1.b), effective by the day. "
        "Year: of effect.",
    ),
    "certificates_replaced": Measure(
        "certification", STARRED,
        "Giấy chứng nhận đã được thay bằng giấy mới đến hết ngày hỏi; tính theo giấy cũ. Năm: năm thay.",
        "Certificates replaced by a new one by the day; the old ones are counted. Year: of the replacement.",
    ),
    # --- promotion ---
    "products_listed": Measure(
        "promotion", STARRED,
        "Sản phẩm có trong danh mục trong ngày hỏi. Năm: năm vào danh mục với giấy chứng nhận đang giới thiệu.",
        "Products in the catalogue on the day. Year: in which the product was listed under the certificate now shown.",
    ),
    "stories": Measure(
        "promotion", PRODUCTS,
        "Sản phẩm có câu chuyện đã công bố đến hết ngày hỏi. Năm: năm công bố lần đầu.",
        "Products whose story had been published by the day. Year: of the first publication.",
    ),
    "shelves": Measure(
        "promotion", PRODUCTS,
        "Gian hàng trên sàn thương mại điện tử đã mở đến hết ngày hỏi. Năm: năm mở.",
        "Shelves opened on e-commerce platforms by the day. Year: of the opening.",
    ),
    "sales_points": Measure(
        "promotion", PLACES,
        "Điểm giới thiệu và bán sản phẩm đang mở trong ngày hỏi. Năm: năm mở.",
        "Sales points open on the day. Year: of the opening.",
    ),
    "fairs": Measure(
        "promotion", PLACES,
        "Hội chợ đã khai mạc đến hết ngày hỏi. Năm: năm khai mạc.",
        "Fairs begun by the day. Year: of the first day.",
    ),
    "partners": Measure(
        "promotion", PROVINCES,
        "Đối tác đã tham gia đến hết ngày hỏi. Năm: năm tham gia.",
        "Partners joined by the day. Year: of joining.",
    ),
    # --- programme ---
    "provincial_plans": Measure(
        "programme", PROVINCES,
        "Kế hoạch của tỉnh đã ban hành đến hết ngày hỏi. Năm: năm ban hành.",
        "Plans of provinces published by the day. Year: of publication.",
    ),
    "tasks": Measure(
        "programme", PROVINCES,
        "Nhiệm vụ đã có báo cáo đến hết ngày hỏi, mỗi nhiệm vụ một lần. Năm: năm của báo cáo đầu tiên.",
        "Tasks reported on by the day, each once. Year: of the first report.",
    ),
    "tasks_done": Measure(
        "programme", PROVINCES,
        "Nhiệm vụ được báo cáo hoàn thành 100% đến hết ngày hỏi. Năm: năm hoàn thành.",
        "Tasks reported as 100% done by the day. Year: in which they were done.",
    ),
    "trainings": Measure(
        "programme", PROVINCES,
        "Lớp tập huấn đã tổ chức đến hết ngày hỏi. Năm: năm tổ chức.",
        "Trainings held by the day. Year: in which they were held.",
    ),
}  # fmt: skip

CYCLE: tuple[What, ...] = (
    "producers", "ideas", "ideas_accepted", "plans_approved", "dossiers", "dossiers_forwarded", "assessments", "scored",
    "certificates", "certificates_valid", "certificates_extended", "certificates_expired", "certificates_revoked",
    "certificates_replaced", "products_listed", "sales_points", "fairs",
)  # fmt: skip
