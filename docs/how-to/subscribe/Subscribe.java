import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Every certificate of the register as it stands, then each change as it is said: without a gap, without a double.
 *
 * <p>usage: java -cp 'jars/*' Subscribe.java HOST:PORT   (org.apache.kafka:kafka-clients, jackson-databind)
 */
public class Subscribe {
    static final String EVENTS = "ocop.certification", STATES = "ocop.certificates";
    static final String STATE = "vn.ocop.CertificateState.v1";
    static final Set<String> CHANGES = Set.of(
        "vn.ocop.CertificateIssued.v1", "vn.ocop.CertificateReplaced.v1", "vn.ocop.CertificateExtended.v1",
        "vn.ocop.CertificateExpired.v1", "vn.ocop.CertificateRevoked.v1");
    static final Duration A_MOMENT = Duration.ofMillis(200);
    static final ObjectMapper JSON = new ObjectMapper();

    /** What is known of each certificate, and as of which position of the register: keep both together, in one place. */
    final Map<String, Long> positions = new LinkedHashMap<>();
    final Map<String, JsonNode> states = new LinkedHashMap<>();

    public static void main(String[] arguments) throws Exception {
        new Subscribe().run(arguments[0]);
    }

    void run(String bootstrap) throws Exception {
        try (var consumer = consumer(bootstrap, "read_committed")) {
            var eventsAt = partitions(consumer, EVENTS);
            var statesAt = partitions(consumer, STATES);
            // 1. Where the live stream will begin: before this, everything is committed, and so is its state.
            var begin = consumer.endOffsets(eventsAt);
            // 2. Then where the states end, those included whose transaction the broker is still closing.
            Map<TopicPartition, Long> ends;
            try (var other = consumer(bootstrap, "read_uncommitted")) {
                ends = other.endOffsets(statesAt);
            }
            // 3. The states, up to there.
            consumer.assign(statesAt);
            consumer.seekToBeginning(statesAt);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (var record : consumer.poll(A_MOMENT)) takeState(record);
            }
            for (var known : states.entrySet()) {
                var state = known.getValue();
                tell("state", text(state, "number"), text(state, "status"), positions.get(known.getKey()));
            }
            tell("live");
            // 4. From now on what is said; what a state had already is passed over.
            consumer.assign(eventsAt);
            begin.forEach(consumer::seek);
            while (true) {
                for (var record : consumer.poll(A_MOMENT)) takeEvent(record);
            }
        }
    }

    void takeState(ConsumerRecord<String, String> record) throws Exception {
        if (!STATE.equals(header(record, "ce_type")) || record.value() == null) return;
        var state = JSON.readTree(record.value());
        var certificate = text(state, "certificate_id");
        var position = position(record);
        if (position >= positions.getOrDefault(certificate, 0L)) {
            positions.put(certificate, position);
            states.put(certificate, state);
        }
    }

    void takeEvent(ConsumerRecord<String, String> record) throws Exception {
        var type = header(record, "ce_type");
        if (!CHANGES.contains(type)) return; // of a later year, or of no interest here
        var event = JSON.readTree(record.value());
        var certificate = text(event, "certificate_id");
        var position = position(record);
        // The state had it already, or it was delivered again.
        if (position <= positions.getOrDefault(certificate, 0L)) return;
        positions.put(certificate, position);
        tell(type.split("\\.")[2], text(event, "number"), text(event, "legal_date"), position);
    }

    static String header(ConsumerRecord<String, String> record, String name) {
        Header found = record.headers().lastHeader(name);
        return found == null ? "" : new String(found.value(), java.nio.charset.StandardCharsets.UTF_8);
    }

    static long position(ConsumerRecord<String, String> record) {
        return Long.parseLong(header(record, "ce_id").split(":")[1]);
    }

    static String text(JsonNode node, String field) {
        return node.get(field).asText();
    }

    static void tell(Object... facts) {
        var words = new ArrayList<String>();
        for (var fact : facts) words.add(fact.toString());
        System.out.println(String.join("\t", words));
    }

    static List<TopicPartition> partitions(KafkaConsumer<String, String> consumer, String topic) {
        return consumer.partitionsFor(topic).stream().map(p -> new TopicPartition(topic, p.partition())).toList();
    }

    static KafkaConsumer<String, String> consumer(String bootstrap, String isolation) {
        return new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrap, "isolation.level", isolation, "enable.auto.commit", "false"),
            new StringDeserializer(), new StringDeserializer());
    }
}
