"""Why a product is not recognised, a certificate not issued, not replaced, not revoked: each refusal with its article."""

from shared.values import Refusal

# --- proposal ---


class BelowRecognition(Refusal):
    rule = "result-below-three-stars"
    article = "Điều 4.1"
    vi = "Kết quả {stars} sao không được công nhận và cấp giấy chứng nhận."
    en = "A result of {stars} stars is neither recognised nor certified."


class NoProposal(Refusal):
    rule = "no-proposal"
    article = "Điều 4.1"
    vi = "Sản phẩm không có kết quả đánh giá {assessment} nào đang chờ công nhận."
    en = "No result of assessment {assessment} awaits recognition for this product."


class NotAnUpgrade(Refusal):
    rule = "not-an-upgrade"
    article = "Điều 7.5"
    vi = "Kết quả này không phải của hồ sơ nâng hạng (loại hồ sơ: {kind})."
    en = "This result is not that of an upgrade (kind of dossier: {kind})."


class UpgradeReached(Refusal):
    rule = "upgrade-reached"
    article = "Điều 7.5"
    vi = "Kết quả {stars} sao cao hơn hạng đang giữ ({held}); đề nghị công nhận vẫn còn chờ quyết định."
    en = "The result of {stars} stars is above those held ({held}); it still awaits its decision."


# --- certificate ---


class WrongAuthority(Refusal):
    rule = "wrong-authority"
    article = "Điều 4.1"
    vi = "Thẩm quyền công nhận {stars} sao thuộc {authority_vi}."
    en = "{stars} stars are recognised by: {authority_en}."


class NoCode(Refusal):
    rule = "product-without-code"
    article = "Phụ lục II"
    vi = "Sản phẩm chưa có mã số nên chưa cấp được giấy chứng nhận."
    en = "The product has no code yet, so no certificate can be issued."


class DecisionBeforeResult(Refusal):
    rule = "decision-before-result"
    article = "Điều 7"
    vi = "Quyết định ngày {decided} có trước kết quả của hội đồng ngày {scored}."
    en = "The decision of {decided} is older than the council's result of {scored}."


class InForce(Refusal):
    rule = "certificate-in-force"
    article = "Điều 4.3"
    vi = "Sản phẩm đã có giấy chứng nhận {number} còn hiệu lực đến hết ngày {until}."
    en = "The product has certificate {number}, valid through {until}."


class UpgradeNotHigher(Refusal):
    rule = "upgrade-not-higher"
    article = "Điều 7.5"
    vi = "Hồ sơ nâng hạng chỉ đạt {stars} sao, không cao hơn giấy chứng nhận {number} ({held} sao) đang có hiệu lực."
    en = "The upgrade reached {stars} stars, not more than certificate {number} in force ({held} stars)."


# --- end ---


class NoSuchCertificate(Refusal):
    rule = "not-found"
    vi = "Không có giấy chứng nhận số {number}."
    en = "There is no certificate {number}."


class NotInForce(Refusal):
    rule = "certificate-not-in-force"
    article = "Điều 4.3"
    vi = "Giấy chứng nhận {number} không còn hiệu lực ngày {on} (trạng thái: {status})."
    en = "Certificate {number} is not in force on {on} (it is {status})."


class NotCertified(Refusal):
    rule = "product-not-certified"
    article = "Điều 9"
    vi = "Sản phẩm không có giấy chứng nhận còn hiệu lực ngày {on}."
    en = "The product has no certificate in force on {on}."


class WrongRevokingAuthority(Refusal):
    rule = "wrong-revoking-authority"
    article = "Điều 8.2"
    vi = "Thẩm quyền thu hồi giấy chứng nhận {stars} sao thuộc {authority_vi}."
    en = "A certificate of {stars} stars is revoked by: {authority_en}."


class UnknownGround(Refusal):
    rule = "unknown-ground"
    article = "Điều 8.1"
    vi = "Không có căn cứ thu hồi {ground}; các căn cứ là: {grounds}."
    en = "There is no ground {ground} of revocation; the grounds are: {grounds}."


class NoBasis(Refusal):
    rule = "ground-without-conclusion"
    article = "Điều 8.3.a"
    vi = (
        "Thu hồi theo điểm {ground} phải dựa trên kết luận: kết luận kiểm tra ghi đúng căn cứ đó, xác nhận ngừng sản xuất của "
        "xã (điểm đ), hoặc kết luận của cơ quan có thẩm quyền (điểm a, c, d, e)."
    )
    en = (
        "Revoking by ground {ground} needs a conclusion: an inspection's that names this ground, the commune's word that "
        "production stopped (đ), or an authority's (a, c, d, e)."
    )


class DecisionBeforeConclusion(Refusal):
    rule = "decision-before-conclusion"
    article = "Điều 8.4"
    vi = "Quyết định ngày {decided} có trước kết luận ngày {concluded}."
    en = "The decision of {decided} is older than the conclusion of {concluded}."


class StopConfirmed(Refusal):
    rule = "production-stop-already-confirmed"
    article = "Điều 8.4"
    vi = "Việc ngừng sản xuất đã được xác nhận ngày {on}."
    en = "That production stopped was confirmed on {on}."


class NotAnnulled(Refusal):
    rule = "assessment-not-annulled"
    article = "Điều 10.1.b"
    vi = "Kết quả đánh giá mà giấy chứng nhận {number} dựa vào chưa bị hủy, nên không thu hồi công nhận theo Điều 10.1.b."
    en = "The assessment behind certificate {number} is not annulled, so its recognition is not withdrawn by art. 10.1.b."
