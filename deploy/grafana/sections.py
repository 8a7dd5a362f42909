"""The table of panels. `<of>` stands for the matcher of houses, `<process>` for that of processes.

What the dashboard of all houses shows, that of one house shows too, so that whoever knows one reads them all.
"""

from deploy.grafana.panels import Panel, Query, Section

AT_A_GLANCE = Section("Nhìn qua", "At a glance", (
    Panel(
        "Tiến trình", "Processes", "Đỏ: tiến trình đã dừng; xem nhật ký của trình giám sát.",
        "Red: a process is down; read the supervisor's log of it.", "none",
        (Query('up{job="ocop",<process>}', "{{process}}"),), "stat", 12, "ProcessDown", red_below=1,
    ),
    Panel(
        "Sẵn sàng", "Ready", "Đỏ: tiến trình chạy nhưng chưa làm việc được; hỏi /readyz của nó.",
        "Red: it runs but cannot work; ask its /readyz why.", "none",
        (Query("min by (process) (ocop_ready{<process>})", "{{process}}"),), "stat", 12, "NotReady", red_below=1,
    ),
    Panel(
        "Cơ sở dữ liệu", "Database", "Đỏ: tiến trình không tới được cơ sở dữ liệu của nó.",
        "Red: the process cannot reach its database.", "none",
        (Query('min by (process) (ocop_ready{<process>,check="database"})', "{{process}}"),), "stat", 24,
        "DatabaseUnreachable", red_below=1,
    ),
    Panel(
        "Máy chuyển đi đầu", "Relay leader", "Mỗi nhà đúng một; đỏ: không ai nói ra Kafka.",
        "Exactly one a house; red: nobody tells Kafka anything.", "none",
        (Query("house:ocop_relay_leader:sum{<of>}", "{{house}}"),), "stat", 8, "NoRelayLeader", red_below=1,
    ),
    Panel(
        "Thư chết", "Dead letters", "Mỗi thư chờ một người quyết định: ocop dlq list.",
        "Each waits for a person's decision: ocop dlq list.", "none",
        (Query("house:ocop_dead_letters:sum{<of>}", "{{house}}"),), "stat", 8, "DeadLetters", red_from=1,
    ),
    Panel(
        "Khung nhìn chậm nhất", "Slowest view", "Đỏ: trang đang cho thấy số liệu cũ.",
        "Red: pages show old figures.", "s",
        (Query("max by (house) (house_view:ocop_view_lag_seconds:max{<of>})", "{{house}}"),), "stat", 8, "ViewLag",
        red_from=30,
    ),
))  # fmt: skip

HTTP = Section("Yêu cầu HTTP", "HTTP requests", (
    Panel(
        "Yêu cầu mỗi giây", "Requests per second", "Tăng đột ngột: tìm đường dẫn gây ra trong bảng dưới.",
        "A sudden rise: find its route below.", "reqps",
        (Query("house:ocop_http_requests:rate5m{<of>}", "{{house}}"),),
    ),
    Panel(
        "Tỷ lệ lỗi 5xx", "Share of 5xx", "Trên 2 %: người dùng bị từ chối do lỗi của ta; đọc nhật ký.",
        "Above 2 %: people are turned away by our fault; read the logs.", "percentunit",
        (Query("house:ocop_http_errors:ratio5m{<of>}", "{{house}}"),), alert="HttpErrors", red_from=0.02,
    ),
    Panel(
        "Thời gian trả lời p99", "Time to answer, p99", "Không tính /events (chờ lâu là đúng).",
        "Without /events, which waits on purpose.", "s",
        (Query("house:ocop_http_seconds:p99_5m{<of>}", "{{house}}"),), alert="HttpSlow", red_from=2,
    ),
    Panel(
        "Theo đường dẫn", "By route", "Mười đường dẫn được hỏi nhiều nhất.", "The ten routes asked most.", "reqps",
        (Query(
            "topk(10, sum by (house, method, route) (rate(ocop_http_requests_total{<of>}[$__rate_interval])))",
            "{{house}} {{method}} {{route}}",
        ),),
    ),
    Panel(
        "Theo trạng thái", "By status", "409, 412, 422 là của người hỏi; 5xx là của ta.",
        "409, 412, 422 are the asker's; 5xx are ours.", "reqps",
        (Query("sum by (status) (rate(ocop_http_requests_total{<of>}[$__rate_interval]))", "{{status}}"),), stacked=True,
    ),
    Panel(
        "Đang xử lý", "In progress", "Tăng mà không giảm: cơ sở dữ liệu hoặc kho đang chậm.",
        "Rising without falling: the database or the store is slow.", "none",
        (Query("sum by (house) (ocop_http_in_progress{<of>})", "{{house}}"),),
    ),
))  # fmt: skip

COMMANDS = Section("Lệnh", "Commands", (
    Panel(
        "Lệnh mỗi giây", "Commands per second", "Mười lệnh nhiều nhất.", "The ten given most.", "ops",
        (Query(
            "topk(10, sum by (house, command) (rate(ocop_commands_total{<of>}[$__rate_interval])))",
            "{{house}} {{command}}",
        ),),
    ),
    Panel(
        "Kết quả", "Outcomes", "refused: quy định không cho phép; failed: lỗi của ta, phải xem nhật ký.",
        "refused: a rule said no; failed: our fault, read the logs.", "ops",
        (Query("sum by (outcome) (rate(ocop_commands_total{<of>}[$__rate_interval]))", "{{outcome}}"),),
        alert="CommandsFailing", stacked=True,
    ),
    Panel(
        "Thời gian p95", "Duration, p95", "Từ cửa đến câu trả lời; so với thời gian ghi kho.",
        "From the door to the answer; compare with the store's appends.", "s",
        (Query(
            "histogram_quantile(0.95, sum by (house, le) (rate(ocop_command_seconds_bucket{<of>}[$__rate_interval])))",
            "{{house}}",
        ),),
    ),
))  # fmt: skip

APPENDS = Section("Ghi vào kho", "Appends", (
    Panel(
        "Thời gian ghi p99", "Append time, p99", "Một lần ghi gồm cả commit; chậm: xem ổ đĩa của PostgreSQL.",
        "One flush, commit included; slow: look at PostgreSQL's disk.", "s",
        (Query("process:ocop_append_seconds:p99_5m{<process>}", "{{process}}"),), alert="AppendSlow", red_from=0.5,
    ),
    Panel(
        "Hàng chờ ghi", "Append queue", "Chỗ chờ là 4.096; đầy thì người gọi phải đợi.",
        "There is room for 4,096; when it is full, callers wait.", "none",
        (Query("max by (house) (ocop_append_queue{<of>})", "{{house}}"),), alert="AppendQueueFilling", red_from=1024,
    ),
    Panel(
        "Sự kiện mỗi giây", "Events per second", "Nhịp ghi của cả năm thấy ở đây.", "The year's rhythm shows here.", "ops",
        (Query("sum by (house) (rate(ocop_appended_events_total{<of>}[$__rate_interval]))", "{{house}}"),),
    ),
    Panel(
        "Lệnh trong một lần ghi", "Commands in one flush", "Lớn dần khi tải tăng: đó là điều mong muốn.",
        "Grows with the load, as it should.", "none",
        (Query(
            "rate(ocop_append_group_commands_sum{<process>}[$__rate_interval])"
            " / rate(ocop_append_group_commands_count{<process>}[$__rate_interval])",
            "{{process}}",
        ),),
    ),
    Panel(
        "Ảnh chụp chuỗi dài", "Snapshots of long aggregates", "damaged: bị bỏ qua, chạy ocop fsck; failed: xem nhật ký.",
        "damaged: passed over, run ocop fsck; failed: see the log.", "none",
        (Query("sum by (house, outcome) (increase(ocop_snapshots_total{<of>}[$__rate_interval]))", "{{house}} {{outcome}}"),),
    ),
))  # fmt: skip

VIEWS = Section("Khung nhìn", "Views", (
    Panel(
        "Chậm theo khung nhìn", "Lag by view", "Trên 30 giây: xem nhật ký của worker nhà đó.",
        "Above 30 s: read the log of that house's worker.", "s",
        (Query("house_view:ocop_view_lag_seconds:max{<of>}", "{{house}} {{view}}"),), width=12, alert="ViewLag",
        red_from=30,
    ),
    Panel(
        "Sự kiện còn thiếu", "Events behind", "Giảm dần: đang đuổi kịp. Đứng yên: khung nhìn bị kẹt.",
        "Falling: catching up. Standing still: the view is stuck.", "none",
        (Query("max by (house, view, source) (ocop_view_lag_events{<of>})", "{{house}} {{view}} ← {{source}}"),),
        width=12, alert="ViewLag",
    ),
    Panel(
        "Dừng trước một sự kiện", "Parked", "Trên 0: khung nhìn không nhận được sự kiện kế tiếp; xem `ocop views`.",
        "Above 0: the view cannot take the next event; see `ocop views`.", "s",
        (Query("max by (house, view) (ocop_view_parked_seconds{<of>})", "{{house}} {{view}}"),), width=12,
        alert="ViewParked", red_from=60,
    ),
    Panel(
        "Vị trí", "Positions", "Sự kiện cuối mà khung nhìn đã nhận.", "The last event that a view has taken.", "none",
        (Query("max by (house, view, source) (ocop_view_position{<of>})", "{{house}} {{view}} ← {{source}}"),), width=12,
    ),
    Panel(
        "Tiến độ dựng lại", "Rebuild progress", "1 = không có gì đang dựng lại, hoặc đã xong.",
        "1 = nothing is being rebuilt, or it is done.", "percentunit",
        (Query("min by (house, view) (ocop_rebuild_progress_ratio{<of>})", "{{house}} {{view}}"),), width=12,
        alert="RebuildStalled", red_below=1,
    ),
))  # fmt: skip

RELAY = Section("Chuyển ra Kafka", "Relay to Kafka", (
    Panel(
        "Trễ chuyển phát", "Relay lag", "Sự kiện lâu nhất chưa nói ra Kafka. Đỏ: các nhà khác không thấy gì mới.",
        "The oldest event not yet told to Kafka. Red: other houses see nothing new.", "s",
        (Query("house:ocop_relay_lag_seconds:max{<of>}", "{{house}}"),), alert="RelayLag", red_from=30,
    ),
    Panel(
        "Sự kiện chưa nói", "Events not told", "Phải về 0 khi yên.", "Comes back to 0 at rest.", "none",
        (Query("max by (house) (ocop_relay_lag_events{<of>})", "{{house}}"),), alert="RelayLag",
    ),
    Panel(
        "Đã nói mỗi giây", "Told per second", "0 trong khi còn trễ: máy chuyển bị kẹt.",
        "0 while there is lag: the relay is stuck.", "ops",
        (Query("sum by (house) (rate(ocop_relay_sent_total{<of>}[$__rate_interval]))", "{{house}}"),),
    ),
    Panel(
        "Lỗi chuyển", "Relay failures", "Vài lỗi khi Kafka khởi động lại là thường; lặp mãi thì không.",
        "A few while Kafka restarts are normal; repeated ones are not.", "none",
        (Query("sum by (house, reason) (increase(ocop_relay_failures_total{<of>}[10m]))", "{{house}} {{reason}}"),),
        alert="RelayFailing", red_from=3,
    ),
    Panel(
        "Số máy đi đầu", "Leaders", "Đúng một; hai là có máy cũ chưa biết mình thôi việc.",
        "Exactly one; with two, a deposed one does not know yet.", "none",
        (Query("house:ocop_relay_leader:sum{<of>}", "{{house}}"),), alert="SeveralRelayLeaders", red_from=2,
    ),
    Panel(
        "Vị trí đã nói", "Position told", "Sự kiện cuối Kafka đã nhận.", "The last event that Kafka has taken.", "none",
        (Query("max by (house) (ocop_relay_position{<of>})", "{{house}}"),),
    ),
))  # fmt: skip

HEARING = Section("Nhận từ Kafka", "Hearing from Kafka", (
    Panel(
        "Trễ nhận", "Consumer lag", "Thông điệp lâu nhất chưa xử lý, theo chủ đề.",
        "The oldest message not yet taken, by topic.", "s",
        (Query("house_topic:ocop_consumer_lag_seconds:max{<of>}", "{{house}} ← {{topic}}"),), alert="ConsumerLag",
        red_from=60,
    ),
    Panel(
        "Thông điệp chưa nhận", "Messages not taken", "Tổng của các phân vùng.", "Sum over the partitions.", "none",
        (Query("sum by (house, consumer, topic) (ocop_consumer_lag_messages{<of>})", "{{consumer}} ← {{topic}}"),),
        alert="ConsumerLag",
    ),
    Panel(
        "Phân vùng được giao", "Partitions assigned", "0: một bên nhận của nhà đó không nghe chủ đề này.",
        "0: a consumer of that house does not hear the topic.", "none",
        (Query("house_topic:ocop_consumer_assigned:min{<of>}", "{{house}} ← {{topic}}"),),
        alert="NoPartitionsAssigned", red_below=1,
    ),
    Panel(
        "Đã nhận, theo kết quả", "Taken, by outcome", "skipped là bình thường; malformed và failed thì không.",
        "skipped is normal; malformed and failed are not.", "ops",
        (Query(
            "sum by (consumer, outcome) (rate(ocop_delivered_total{<consumer>}[$__rate_interval]))",
            "{{consumer}} {{outcome}}",
        ),), width=12,
    ),
    Panel(
        "Nhận lặp", "Duplicates", "Lặp không có hậu quả; nhiều: có worker chết giữa chừng.",
        "They have no effect; many: a worker died half way.", "ops",
        (Query("sum by (house, source) (rate(ocop_inbox_duplicates_total{<of>}[$__rate_interval]))",
               "{{house}} ← {{source}}"),), width=12,
    ),
))  # fmt: skip

HELD = Section("Bị giữ lại và thư chết", "Held messages and dead letters", (
    Panel(
        "Đang bị giữ", "Held", "waiting: sẽ thử lại, hoặc xếp sau một thư chết cùng khóa.",
        "waiting: tried again, or queued behind a dead letter of its key.", "none",
        (Query("max by (house, state) (ocop_held_messages{<of>})", "{{house}} {{state}}"),), alert="MessagesHeld",
    ),
    Panel(
        "Thử lại", "Retries", "failed nhiều: cùng một lỗi lặp lại; đọc lý do bằng ocop dlq list.",
        "Many failed: the same error again; ocop dlq list tells the reason.", "ops",
        (Query("sum by (house, outcome) (rate(ocop_retries_total{<of>}[$__rate_interval]))", "{{house}} {{outcome}}"),),
        alert="ReactionsRetrying",
    ),
    Panel(
        "Thư chết theo lý do", "Dead letters by reason", "ocop dlq list, rồi retry, edit hoặc drop kèm lý do.",
        "ocop dlq list, then retry, edit or drop with a reason.", "none",
        (Query("max by (house, reason) (ocop_dead_letters{<of>})", "{{house}} {{reason}}"),), alert="DeadLetters",
        red_from=1, stacked=True,
    ),
    Panel(
        "Thư chết lâu nhất", "Oldest dead letter", "Quá một ngày là trễ hạn ngắn nhất của quy chế.",
        "More than a day misses the shortest limit there is.", "s",
        (Query("max by (house) (ocop_dead_letter_oldest_seconds{<of>})", "{{house}}"),), alert="DeadLetterOld",
        red_from=86400,
    ),
))  # fmt: skip

MACHINE = Section("Tiến trình", "Processes", (
    Panel(
        "CPU", "CPU", "Một tiến trình dùng nhiều nhất một lõi.", "A process uses one core at most.", "percentunit",
        (Query("rate(process_cpu_seconds_total{<process>}[$__rate_interval])", "{{process}}"),),
    ),
    Panel(
        "Bộ nhớ", "Memory", "Tăng mãi không giảm: rò rỉ; so với giới hạn trong compose.",
        "Rising without end: a leak; compare with compose's limits.", "bytes",
        (Query("process_resident_memory_bytes{<process>}", "{{process}}"),),
    ),
    Panel(
        "Số lần khởi động", "Restarts", "Trong 15 phút; 3 lần là vòng lặp chết.",
        "Within 15 minutes; three are a crash loop.", "none",
        (Query('changes(process_start_time_seconds{job="ocop",<process>}[15m])', "{{process}}"),),
        alert="ProcessRestarting", red_from=3,
    ),
    Panel(
        "Phiên bản", "Versions", "Hai phiên bản cùng chạy quá lâu: một tiến trình chưa được nâng cấp.",
        "Two at once for long: a process was not upgraded.", "none",
        (Query("count by (version) (ocop_build_info{<process>})", "{{version}}"),), "stat", 24,
    ),
))  # fmt: skip
