"""Panels about the programme itself: dossiers, limits, certificates. Each is shown by the houses that it concerns."""

from deploy.grafana.panels import Panel, Query, Section

DOSSIERS_BY_STATE = Panel(
    "Hồ sơ theo tình trạng", "Dossiers by state", "Dồn lại ở một tình trạng: nơi ấy đang thiếu người làm.",
    "Piling up in one state: too few people work there.", "none",
    (Query("sum by (state) (max by (state, province) (ocop_dossiers))", "{{state}}"),), width=12, stacked=True,
)  # fmt: skip
DOSSIERS_BY_PROVINCE = Panel(
    "Hồ sơ theo tỉnh", "Dossiers by province", "So với kế hoạch năm của tỉnh.", "Compare with the province's plan.",
    "none", (Query("sum by (province) (max by (state, province) (ocop_dossiers))", "{{province}}"),), "bargauge", 12,
)  # fmt: skip
UNFINISHED = Panel(
    "Hồ sơ còn dở theo tỉnh và tình trạng", "Dossiers in hand by province and state",
    "Gọi cho tỉnh có nhiều hồ sơ dở nhất trước khi hết đợt.", "Call the provinces that have most before the round ends.",
    "none",
    (Query(
        "sort_desc(max by (province, state) (ocop_dossiers"
        '{state=~"submitted|addition-requested|forwarded|in-assessment|referred"}))',
        "{{province}} {{state}}",
    ),), "table", 12,
)  # fmt: skip
OVERDUE = Panel(
    "Thời hạn đã quá", "Overdue deadlines", "Tăng nhanh: một nơi đã ngừng xử lý; ocop due --state overdue.",
    "Rising fast: somewhere the work has stopped; ocop due --state overdue.", "none",
    (Query("max by (house, kind) (ocop_overdue_deadlines{<of>})", "{{house}} {{kind}}"),), width=12,
    alert="OverdueDeadlinesGrowing", stacked=True,
)  # fmt: skip
CERTIFICATES = Panel(
    "Giấy chứng nhận theo tình trạng", "Certificates by status", "Mỗi giấy tính một lần: sắp hết hạn thì không còn ở valid.",
    "Each counts once: what expires soon is not under valid.", "none",
    (Query("max by (status) (ocop_certificates)", "{{status}}"),), width=12,
)  # fmt: skip
EXPIRING = Panel(
    "Sắp hết hạn", "About to expire", "Trong 180, 120, 30 ngày: nhắc chủ thể đánh giá lại.",
    "Within 180, 120, 30 days: remind the producers to renew.", "none",
    (Query('max by (status) (ocop_certificates{status=~"expiring_.*"})', "{{status}}"),), "bargauge", 12,
)  # fmt: skip
CLOCK = Panel(
    "Việc tự động theo thời hạn", "What the clock did", "failed: chưa làm được và sẽ thử lại; refused: quy định chặn lại.",
    "failed: not yet done, tried again; refused: a rule said no.", "none",
    (Query("sum by (limit, outcome) (increase(ocop_timed_total{<of>}[1h]))", "{{limit}} {{outcome}}"),), width=12,
    alert="TimerFailing",
)  # fmt: skip
CLOCK_REFUSED = Panel(
    "Việc tự động bị từ chối", "The clock refused", "Quy định và lịch trái nhau: đọc nhật ký timer-refused.",
    "Rule and calendar disagree: read the log, timer-refused.", "none",
    (Query('sum by (limit) (increase(ocop_timed_total{<of>,outcome="refused"}[1h]))', "{{limit}}"),), width=12,
    alert="TimerRefused", red_from=1,
)  # fmt: skip
PROVINCES = Panel(
    "Tỉnh có hồ sơ", "Provinces with dossiers", "Trên 34 tỉnh, thành phố.", "Of 34 provinces.", "none",
    (Query(
        "count(sum by (province) (max by (state, province) (ocop_dossiers)) > 0) or vector(0)", "tỉnh / provinces"
    ),), "stat", 6,
)  # fmt: skip
ALL_DOSSIERS = Panel(
    "Tổng số hồ sơ", "All dossiers", "Của mọi năm trong sổ.", "Of every year in the register.", "none",
    (Query("sum(max by (state, province) (ocop_dossiers))", "hồ sơ / dossiers"),), "stat", 6,
)  # fmt: skip
VALID = Panel(
    "Giấy còn hiệu lực", "Valid certificates", "Tính theo ngày của chương trình.", "On the programme's day.", "none",
    (Query('sum(max by (status) (ocop_certificates{status=~"valid|expiring_.*"}))', "giấy / certificates"),), "stat", 6,
)  # fmt: skip
ALL_OVERDUE = Panel(
    "Tổng số quá hạn", "All overdue", "ocop due --state overdue cho biết của ai.", "ocop due --state overdue says whose.",
    "none", (Query("sum(max by (house, kind) (ocop_overdue_deadlines))", "thời hạn / deadlines"),), "stat", 6,
)  # fmt: skip

AFFAIRS: dict[str, Section] = {
    "registration": Section("Hồ sơ", "Dossiers", (DOSSIERS_BY_STATE, DOSSIERS_BY_PROVINCE, OVERDUE, UNFINISHED)),
    "evaluation": Section("Thời hạn của hội đồng", "The councils' limits", (OVERDUE,)),
    "certification": Section(
        "Giấy chứng nhận", "Certificates", (CERTIFICATES, EXPIRING, OVERDUE, CLOCK, CLOCK_REFUSED)
    ),
    "programme": Section(
        "Chương trình toàn quốc", "The national programme",
        (ALL_DOSSIERS, PROVINCES, VALID, ALL_OVERDUE, DOSSIERS_BY_STATE, CERTIFICATES, DOSSIERS_BY_PROVINCE, EXPIRING,
         UNFINISHED),
    ),
}  # fmt: skip
