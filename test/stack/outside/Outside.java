// A producer and a consumer that know Kafka's own client, Apache Avro, the schema registry and docs/producing.md and
// docs/consuming.md, and nothing of Slipstream. Compiled and run by test/stack/outside.test.ts.
//
//   Outside publish BROKERS REGISTRY TOPIC   one event a line on standard input: {"subject": ..., "key": ..., "event": {...}}
//   Outside consume BROKERS REGISTRY TOPIC BEGIN COUNT
//       so many records whose key begins like this, then what comes until a second is silent; one a line
//
// Values are plain Avro bodies behind five bytes: zero, and the schema's id. Nothing of Confluent's serializers.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.Future;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public final class Outside {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private record Registered(int id, Schema schema) {}

  public static void main(String[] args) throws Exception {
    if (args[0].equals("publish")) publish(args[1], args[2], args[3]);
    else consume(args[1], args[2], args[3], args[4], Integer.parseInt(args[5]));
  }

  private static void publish(String brokers, String registry, String topic) throws Exception {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", brokers);
    settings.put("acks", "all");
    settings.put("enable.idempotence", "true");
    Map<String, Registered> schemas = new HashMap<>();
    List<Future<?>> sent = new ArrayList<>();
    try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        JsonNode asked = JSON.readTree(line);
        String subject = asked.get("subject").asText();
        if (!schemas.containsKey(subject)) {
          JsonNode found = ask(registry + "/subjects/" + subject + "/versions/latest");
          schemas.put(subject, new Registered(found.get("id").asInt(), parse(found)));
        }
        byte[] value = encode(schemas.get(subject), asked.get("event"));
        // no partition is named: the client's own partitioner is murmur2 over the key
        sent.add(producer.send(new ProducerRecord<>(topic, asked.get("key").asText(), value)));
      }
      for (Future<?> each : sent) each.get();
    }
    System.out.println(sent.size());
  }

  private static byte[] encode(Registered registered, JsonNode event) throws IOException {
    GenericRecordBuilder builder = new GenericRecordBuilder(registered.schema());
    for (Schema.Field field : registered.schema().getFields()) {
      JsonNode value = event.get(field.name());
      // what is left out has the schema's default
      if (value != null) builder.set(field, isLong(field) ? value.asLong() : JSON.convertValue(value, Object.class));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(0);
    bytes.write(ByteBuffer.allocate(4).putInt(registered.id()).array());
    var encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    new GenericDatumWriter<GenericRecord>(registered.schema()).write(builder.build(), encoder);
    encoder.flush();
    return bytes.toByteArray();
  }

  private static boolean isLong(Schema.Field field) {
    return field.schema().getType() == Schema.Type.LONG;
  }

  private static void consume(String brokers, String registry, String topic, String begin, int count)
      throws Exception {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", brokers);
    settings.put("group.id", "outside-java-" + UUID.randomUUID());
    settings.put("auto.offset.reset", "earliest");
    settings.put("enable.auto.commit", "false");
    settings.put("isolation.level", "read_committed");
    Map<Integer, Schema> schemas = new HashMap<>();
    int found = 0;
    try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(topic));
      for (int silentFor = 0; found < count || silentFor < 5; ) {
        var records = consumer.poll(Duration.ofMillis(200));
        silentFor = records.isEmpty() ? silentFor + 1 : 0;
        for (ConsumerRecord<String, byte[]> record : records) {
          // all are decoded, whoever's they are
          String text = decode(record, registry, schemas);
          if (!record.key().startsWith(begin)) continue;
          System.out.println(text);
          found++;
        }
      }
      consumer.commitSync();
    }
  }

  private static String decode(ConsumerRecord<String, byte[]> record, String registry, Map<Integer, Schema> schemas)
      throws Exception {
    ByteBuffer bytes = ByteBuffer.wrap(record.value());
    if (bytes.get() != 0) throw new IOException("not in the wire format");
    int id = bytes.getInt();
    if (!schemas.containsKey(id)) schemas.put(id, parse(ask(registry + "/schemas/ids/" + id)));
    var decoder = DecoderFactory.get().binaryDecoder(record.value(), 5, record.value().length - 5, null);
    GenericRecord value = new GenericDatumReader<GenericRecord>(schemas.get(id)).read(null, decoder);
    // Avro's text of a record is JSON
    return "{\"key\":" + JSON.writeValueAsString(record.key()) + ",\"partition\":" + record.partition() + ",\"name\":\""
        + schemas.get(id).getName() + "\",\"value\":" + value + "}";
  }

  private static JsonNode ask(String url) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(5)).build();
    var response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) throw new IOException(url + " answered " + response.statusCode());
    return JSON.readTree(response.body());
  }

  private static Schema parse(JsonNode found) {
    return new Schema.Parser().parse(found.get("schema").asText());
  }
}
