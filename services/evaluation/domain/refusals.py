"""Why an assessment may refuse a step."""

from shared.values import Refusal


class NotArrived(Refusal):
    rule = "assessment-not-awaiting-reception"
    article = "Điều 7.3.a"
    vi = "Hồ sơ đang ở bước {state}, không phải bước chờ tiếp nhận."
    en = "The assessment is {state}, not awaiting reception."


class NotOpened(Refusal):
    rule = "assessment-not-with-advisory-team"
    article = "Điều 7.3.c"
    vi = "Hồ sơ đang ở bước {state}, không phải bước tổ tư vấn đánh giá."
    en = "The assessment is {state}, not with the advisory team."


class AdviceMissing(Refusal):
    rule = "advice-missing"
    article = "Điều 7.3.c"
    vi = "Hồ sơ đang ở bước {state}; tổ tư vấn phải báo cáo rồi mới gửi hội đồng, và chỉ gửi một lần."
    en = "The assessment is {state}; it goes to the council once, after the advisory team's report."


class WrongCouncil(Refusal):
    rule = "council-of-another-place"
    article = "Điều 7.3.b"
    vi = "Hội đồng này không phải của cấp và tỉnh đang đánh giá hồ sơ."
    en = "This council is not of the level and province that assess the dossier."


class WrongRound(Refusal):
    rule = "round-of-another-place"
    article = "Điều 5"
    vi = "Đợt {name} không phải của cấp và tỉnh đang đánh giá hồ sơ."
    en = "Round {name} is not of the level and province that assess the dossier."


class RoundMissing(Refusal):
    rule = "round-missing"
    article = "Điều 5"
    vi = "Hồ sơ phải được đánh giá trong một đợt, trừ hồ sơ đánh giá lại (Điều 7.6) và tỉnh tự đánh giá (Điều 7.4.g)."
    en = "A dossier is assessed in a round, unless it is a renewal (art. 7.6) or an own assessment (art. 7.4.g)."


class NotLeftOver(Refusal):
    rule = "round-for-backlog-alone"
    vi = "Đợt {name} chỉ dành cho sản phẩm tồn đọng: đã từng đánh giá hoặc công nhận mà không còn giấy chứng nhận."
    en = "Round {name} is for the backlog alone: products assessed or recognised before that hold no certificate."


class NotInSeason(Refusal):
    rule = "bylaw-without-seasonal-assessment"
    article = "Quy chế Hội đồng"
    vi = "Quy chế của hội đồng không cho đánh giá sản phẩm theo mùa vụ ngoài đợt."
    en = "The council's bylaw does not allow seasonal products to be assessed outside the rounds."


class InRoundOrSeason(Refusal):
    rule = "round-and-season"
    vi = "Hồ sơ được đánh giá trong một đợt hoặc theo mùa vụ ngoài đợt, không phải cả hai."
    en = "A dossier is assessed in a round or by its season outside the rounds, not both."


class OnlyPassesOn(Refusal):
    rule = "renewal-decided-above"
    article = "Điều 7.6"
    vi = "Hạng sao này do cấp {level} đánh giá lại; ở đây chỉ báo cáo và chuyển hồ sơ, không đưa ra hội đồng."
    en = "Level {level} re-assesses this star; here the dossier is reported on and sent up, not laid before a council."


class ConflictTooLate(Refusal):
    rule = "conflict-declared-too-late"
    article = "Quy chế Hội đồng"
    vi = "Hồ sơ đã ở bước {state}; xung đột lợi ích phải khai trước khi hồ sơ được gửi cho thành viên."
    en = "The assessment is {state}; a conflict of interest is declared before the members get the dossier."


class ConflictKnown(Refusal):
    rule = "conflict-declared-already"
    article = "Quy chế Hội đồng"
    vi = "{office} đã khai xung đột lợi ích với hồ sơ này."
    en = "{office} has declared a conflict of interest on this dossier."


class InConflict(Refusal):
    rule = "member-in-conflict"
    article = "Quy chế Hội đồng"
    vi = "{office} đã khai xung đột lợi ích nên không xem và không chấm hồ sơ này."
    en = "{office} declared a conflict of interest and neither sees nor scores this dossier."


class NotARenewal(Refusal):
    rule = "only-for-renewals"
    article = "Điều 7.6"
    vi = "Việc này chỉ dành cho hồ sơ đánh giá lại, không phải hồ sơ {kind}."
    en = "This is done for renewals only, not for a dossier of kind {kind}."


class ProposalsClosed(Refusal):
    rule = "proposals-closed"
    article = "Điều 5"
    vi = "Hồ sơ đề nghị ngày {proposed} không kịp đợt {name}, nhận đề nghị đến hết ngày {last}."
    en = "A dossier proposed on {proposed} is too late for round {name}, whose last day was {last}."


class NotSent(Refusal):
    rule = "assessment-not-sent"
    article = "Điều 7.3.d"
    vi = "Hồ sơ đang ở bước {state}; phải gửi hội đồng rồi mới họp, và chỉ họp một lần."
    en = "The assessment is {state}; a session is held once, after the dossier was sent to the council."


class NotAMember(Refusal):
    rule = "not-a-member"
    article = "Điều 7.3.b"
    vi = "{member} không phải là thành viên của hội đồng này."
    en = "{member} is not a member of this council."


class NoQuorum(Refusal):
    rule = "no-quorum"
    article = "Quy chế Hội đồng"
    vi = "Cần ít nhất {need} trên {members} thành viên dự họp ({percent} %), mới có {have}."
    en = "At least {need} of {members} members ({percent} %) must be present, there are {have}."


class ChairAbsent(Refusal):
    rule = "chair-absent"
    article = "Quy chế Hội đồng"
    vi = "Chủ tịch hội đồng vắng mặt."
    en = "The chair of the council is absent."


class SentTooLate(Refusal):
    rule = "dossier-sent-too-late"
    article = "Quy chế Hội đồng"
    vi = "Hồ sơ gửi ngày {sent}, thành viên cần nhận trước {days} ngày làm việc: sớm nhất họp ngày {earliest}."
    en = "The dossier was sent on {sent}, members get it {days} working days before: {earliest} is the earliest day."


class RoundOver(Refusal):
    rule = "round-over"
    article = "Điều 5"
    vi = "Đợt đánh giá phải hoàn thành chậm nhất ngày {last}."
    en = "The round had to be done by {last}."


class QuorumThere(Refusal):
    rule = "quorum-is-there"
    article = "Quy chế Hội đồng"
    vi = "Có mặt {have} trên {members} thành viên, đủ số để họp; chỉ hoãn họp khi không đủ số."
    en = "{have} of {members} members are present, enough to sit; a session is put off only without a quorum."


class AdjournedBackwards(Refusal):
    rule = "adjourned-to-no-later-day"
    article = "Quy chế Hội đồng"
    vi = "Phiên họp ngày {on} phải hoãn đến một ngày sau đó, không phải ngày {to}."
    en = "A session of {on} is put off to a later day, not to {to}."


class OpinionsAgree(Refusal):
    rule = "written-opinions-agree"
    article = "Điều 7.6"
    vi = "Các ý kiến bằng văn bản đã thống nhất; không cần họp hội đồng."
    en = "The written opinions agree; the council does not meet."


class NoSession(Refusal):
    rule = "no-session"
    article = "Điều 7.3.d"
    vi = "Hồ sơ đang ở bước {state}, không phải bước hội đồng họp."
    en = "The assessment is {state}, not before a sitting council."


class NotYourBallot(Refusal):
    rule = "not-your-ballot"
    vi = "Mỗi thành viên tự chấm phiếu của mình; không chấm thay {member}."
    en = "Each member casts the own ballot; nobody casts that of {member}."


class NotPresent(Refusal):
    rule = "not-present"
    article = "Quy chế Hội đồng"
    vi = "{member} không dự họp hội đồng nên không chấm."
    en = "{member} is not present at the session and does not score."


class BallotTwice(Refusal):
    rule = "ballot-cast-already"
    vi = "{office} đã bỏ phiếu cho hồ sơ này."
    en = "{office} has cast its ballot on this dossier."


class OpinionNotInWriting(Refusal):
    rule = "opinion-not-in-writing"
    article = "Điều 7.6"
    vi = "Chỉ khi lấy ý kiến bằng văn bản mới ghi không đồng ý; khi họp, thành viên nêu ý kiến trong phiên họp."
    en = "A disagreement is written down only where opinions are given in writing; in a meeting it is spoken."


class UnknownCriterion(Refusal):
    rule = "unknown-criterion"
    article = "Phụ lục II"
    vi = "{fault.message_vi}"
    en = "{fault.message_en}"


class UnknownOption(UnknownCriterion):
    rule = "unknown-option"


class BlankNotAllowed(UnknownCriterion):
    rule = "blank-not-allowed"


class PointsOutsidePart(UnknownCriterion):
    rule = "points-outside-part"


class UnknownElimination(Refusal):
    rule = "unknown-elimination"
    article = "Phụ lục II"
    vi = "Bộ {set} không có điều kiện loại do hội đồng tuyên bố nào như vậy."
    en = "Sheet {set} has no such elimination for a council to declare."


class ElimNotClear(Refusal):
    rule = "elimination-not-clear"
    article = "Phụ lục II"
    vi = "Phải nêu rõ điều kiện loại nào: {ids}."
    en = "Which elimination is meant: {ids}?"


class BallotsMissing(Refusal):
    rule = "ballots-missing"
    article = "Quy chế Hội đồng"
    vi = "Còn thiếu phiếu của: {offices}."
    en = "Ballots are missing: {offices}."


class SpreadTooWide(Refusal):
    rule = "spread-too-wide"
    article = "Quy chế Hội đồng"
    vi = "Các phiếu chênh nhau {spread} điểm (từ {lowest} đến {highest}), quá {allowed}: phải thảo luận và chấm lại."
    en = "Ballots differ by {spread} points ({lowest} to {highest}), over {allowed}: discuss and score again."


class SpreadWithin(Refusal):
    rule = "spread-within-bylaw"
    article = "Quy chế Hội đồng"
    vi = "Các phiếu chênh nhau {spread} điểm, không quá {allowed}: hội đồng quyết định, không chấm lại."
    en = "Ballots differ by {spread} points, not over {allowed}: the council decides and does not score again."


class WrittenOpinionsDisagree(Refusal):
    rule = "written-opinions-disagree"
    article = "Điều 7.6"
    vi = "Ý kiến bằng văn bản khác nhau (không đồng ý: {offices}; chênh {spread} điểm, cho phép {allowed}): phải họp."
    en = (
        "The written opinions differ (against: {offices}; {spread} points apart, {allowed} allowed): the council meets."
    )


class MeetingNeeded(Refusal):
    rule = "written-opinions-not-discussed"
    article = "Điều 7.6"
    vi = "Ý kiến bằng văn bản không chấm lại; ý kiến khác nhau thì hội đồng họp."
    en = "Written opinions are not scored again; where they differ the council meets."


class NotDecided(Refusal):
    rule = "assessment-not-decided"
    article = "Điều 7.3.đ"
    vi = "Hồ sơ đang ở bước {state}; hội đồng chưa có kết quả hoặc kết quả đã được xử lý."
    en = "The assessment is {state}; there is no result yet, or it was dealt with."


class NotSentUp(Refusal):
    rule = "result-stays-here"
    article = "Điều 7.3.e"
    vi = "Kết quả này không chuyển lên cấp trên."
    en = "This result does not go to a higher level."


class SentUp(Refusal):
    rule = "result-goes-up"
    article = "Điều 7.3.e"
    vi = "Kết quả này phải chuyển lên cấp {level}, chưa kết luận ở đây."
    en = "This result goes up to level {level} and is not concluded here."


class NotApproved(Refusal):
    rule = "result-not-approved"
    article = "Điều 7.3.e"
    vi = "Hồ sơ đang ở bước {state}; Chủ tịch phải phê duyệt kết quả rồi mới chuyển lên cấp trên, và chỉ một lần."
    en = "The assessment is {state}; it is referred once, after the chairman approved the result."


class Recognised(Refusal):
    rule = "result-recognisable"
    article = "Điều 4.1"
    vi = "Kết quả {star} sao được công nhận, không bị từ chối hay trả lại."
    en = "A result of {star} stars is recognised, neither refused nor returned."


class OwnNotOpen(Refusal):
    rule = "own-assessment-not-open"
    article = "Điều 7.4.g"
    vi = "Tỉnh chỉ tự đánh giá lại khi trung ương đã trả kết quả dưới ngưỡng điểm của cấp trung ương."
    en = "A province assesses on its own only after the centre returned a result below the centre's threshold."


class OwnOpened(Refusal):
    rule = "own-assessment-already-opened"
    article = "Điều 7.4.g"
    vi = "Tỉnh đã mở đánh giá lại {assessment} cho kết quả này."
    en = "The province has opened its own assessment {assessment} on this result."


# --- appeal, annulment, and the same dossier anew ---


class AppealOpen(Refusal):
    rule = "appeal-open-already"
    vi = "Kết quả này đang có một khiếu nại chưa được trả lời."
    en = "An appeal against this result has yet to be answered."


class BeingRedone(Refusal):
    rule = "result-being-redone"
    article = "Điều 10.1.b"
    vi = "Kết quả này đã được chấp nhận xem lại; hồ sơ sẽ được đánh giá lại."
    en = "It is settled already that this dossier is assessed again."


class AppealDecidedAlready(Refusal):
    rule = "appeal-decided-already"
    vi = "Khiếu nại {reference} đã được trả lời."
    en = "Appeal {reference} has been answered."


class CentresOwnResult(Refusal):
    rule = "redo-of-the-centres-own"
    article = "Điều 10.1.b"
    vi = "Bộ yêu cầu tỉnh đánh giá lại; kết quả này là của trung ương."
    en = "The ministry asks provinces to assess again; this result is the centre's own."


class DemandedAlready(Refusal):
    rule = "redo-demanded-already"
    article = "Điều 10.1.b"
    vi = "Bộ đã yêu cầu đánh giá lại hồ sơ này."
    en = "The ministry has demanded already that this dossier be assessed again."


class NotDemanded(Refusal):
    rule = "redo-not-demanded"
    article = "Điều 10.1.b"
    vi = "Chỉ hủy kết quả khi Bộ yêu cầu đánh giá lại."
    en = "A result is annulled only on the ministry's demand."


class NothingToRedo(Refusal):
    rule = "nothing-to-redo"
    article = "Điều 10.1.b"
    vi = "Chỉ đánh giá lại cùng hồ sơ sau khi kết quả bị hủy hoặc khiếu nại được chấp nhận."
    en = "The same dossier is assessed again only after an annulment or an appeal that was upheld."


class RedoneAlready(Refusal):
    rule = "redone-already"
    article = "Điều 10.1.b"
    vi = "Hồ sơ đã được đánh giá lại ở {assessment}."
    en = "The dossier is assessed again in {assessment} already."
