// librdkafka's mock cluster as a program: prints its brokers, waits for the end of its input,
// prints the values of a topic's messages and ends.
//   kafka_mock TOPIC
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <cstdio>
#include <memory>
#include <string>

namespace {

constexpr int kPatienceMs = 5'000;

rd_kafka_t* client(rd_kafka_type_t type, const std::string& brokers) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char error[256];
  rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), error, sizeof error);
  rd_kafka_conf_set(conf, "enable.partition.eof", "true", error, sizeof error);
  rd_kafka_conf_set(conf, "group.id", "test", error, sizeof error);
  return rd_kafka_new(type, conf, error, sizeof error);
}

/// The values of one partition, a line each, up to its end.
void print_partition(rd_kafka_t* consumer, const char* topic, int32_t partition) {
  rd_kafka_topic_partition_list_t* const list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic, partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(consumer, list);
  while (rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, kPatienceMs)) {
    const bool at_end = message->err != RD_KAFKA_RESP_ERR_NO_ERROR;
    if (!at_end)
      std::printf("%.*s\n", static_cast<int>(message->len), static_cast<char*>(message->payload));
    rd_kafka_message_destroy(message);
    if (at_end) break;
  }
  rd_kafka_topic_partition_list_destroy(list);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  rd_kafka_t* const owner = client(RD_KAFKA_PRODUCER, "");
  rd_kafka_mock_cluster_t* const cluster = rd_kafka_mock_cluster_new(owner, 2);
  constexpr int kPartitions = 3;
  rd_kafka_mock_topic_create(cluster, argv[1], kPartitions, 2);
  const std::string brokers = rd_kafka_mock_cluster_bootstraps(cluster);
  std::printf("%s\n", brokers.c_str());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  rd_kafka_t* const consumer = client(RD_KAFKA_CONSUMER, brokers);
  rd_kafka_poll_set_consumer(consumer);
  for (int32_t i = 0; i < kPartitions; ++i) print_partition(consumer, argv[1], i);
  std::fflush(stdout);
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  rd_kafka_mock_cluster_destroy(cluster);
  rd_kafka_destroy(owner);
}
