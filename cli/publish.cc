#include "cli/book.h"
#include "cli/commands.h"
#include "cli/ingest_session.h"
#include "cli/nats.h"
#include "cli/option_value.h"
#include "cli/progress.h"
#include "cli/stop_signal.h"
#include "consumer/debounce.h"
#include "consumer/decode.h"
#include "consumer/file_source.h"
#include "consumer/fleet.h"
#include "consumer/json_lines.h"
#include "consumer/publisher.h"
#include "consumer/stream_setup.h"

#include <fstream>
#include <memory>
#include <optional>
#include <string>

namespace dcm::cli {
namespace {

constexpr std::size_t kFileBatch = 1'000;
constexpr std::chrono::milliseconds kFileWait{100};
constexpr std::size_t kWrittenAtOnceBytes = 65'536;

struct PublishOptions {
    std::string file;
    std::optional<std::uint64_t> fleet_seed;
    std::int64_t events = 20'000;
    std::int64_t instances = 200;
    std::string period;
    std::optional<std::int64_t> rate;
    std::string debounce;
    std::string output;
    bool provision = false;
    bool no_message_ids = false;
};

// Where messages go: the broker, or a JSON Lines file.
using Sink = std::function<void(const Message&)>;

// What `--debounce` keeps back, before the sink; without it everything passes.
class Debouncer {
public:
    Debouncer(Shell& shell, const std::string& window, Sink sink)
        : limits_(decode_limits(shell.config().ingest)),
          sink_(std::move(sink)),
          clock_(shell.clock()) {
        if (!window.empty()) {
            const Result<Duration> length = parse_duration(window);
            if (!length.ok()) {
                throw Failure(ErrorKind::usage, "--debounce: " + length.error().message);
            }
            debounce_.emplace(length.value());
            lifecycle_ = load_book(shell.config().rules).rules.lifecycle;
        }
    }

    void offer(Message message) {
        if (!debounce_) {
            sink_(message);
            return;
        }
        message.store_time = clock_.now();
        const billing::Decision decision = consumer::decode(message, lifecycle_, limits_);
        pass_on(debounce_->offer(std::move(message), decision));
    }

    void flush() {
        if (debounce_) {
            pass_on(debounce_->flush());
        }
    }

    [[nodiscard]] std::int64_t suppressed() const {
        return debounce_ ? debounce_->suppressed() : 0;
    }

private:
    void pass_on(const std::vector<Message>& messages) const {
        for (const Message& message : messages) {
            sink_(message);
        }
    }

    consumer::DecodeLimits limits_;
    Sink sink_;
    const Clock& clock_;
    std::optional<consumer::Debounce> debounce_;
    rules::Lifecycle lifecycle_;
};

Period fleet_period(const PublishOptions& options, Instant now) {
    const Zone utc = Zone::utc();
    if (options.period.empty()) {
        const Instant month_before{utc.month_around(now).start.micros - 1};
        return utc.month_around(month_before);
    }
    const Result<CivilDate> month = parse_month(options.period);
    if (!month.ok()) {
        throw Failure(
            ErrorKind::usage,
            "expected --period as a month such as 2026-05, got \"" + options.period + '"');
    }
    return {utc.start_of(month.value()), utc.start_of(next_month(month.value()))};
}

void publish_fleet(Shell& shell, const PublishOptions& options, Debouncer& debouncer) {
    consumer::FleetOptions fleet_options;
    fleet_options.seed = *options.fleet_seed;
    fleet_options.instances = options.instances;
    fleet_options.events = options.events;
    fleet_options.period = fleet_period(options, shell.clock().now());
    consumer::Fleet fleet = value_or_throw(consumer::Fleet::make(fleet_options));
    Progress progress("publish", shell.clock());
    std::int64_t done = 0;
    while (auto message = fleet.next()) {
        if (stop_requested()) {
            return;
        }
        debouncer.offer(std::move(*message));
        progress.show({++done, options.events});
    }
}

void publish_file(Shell& shell, const PublishOptions& options, Debouncer& debouncer) {
    consumer::FileSource source({options.file}, shell.clock());
    Progress progress("publish", shell.clock());
    while (!source.drained() && !stop_requested()) {
        for (Message& message : source.pull(kFileBatch, kFileWait)) {
            debouncer.offer(std::move(message));
        }
        progress.show({source.bytes_read(), source.bytes_total()});
    }
}

// Everything through the debouncer into the sink; the number kept back.
std::int64_t publish_all(Shell& shell, const PublishOptions& options, Sink sink) {
    Debouncer debouncer(shell, options.debounce, std::move(sink));
    if (options.fleet_seed) {
        publish_fleet(shell, options, debouncer);
    } else {
        publish_file(shell, options, debouncer);
    }
    debouncer.flush();
    return debouncer.suppressed();
}

int publish_to_file(Shell& shell, const PublishOptions& options) {
    const bool is_file = options.output != "-";
    std::ofstream file;
    if (is_file) {
        file.open(options.output, std::ios::binary);
    }
    std::string text;
    const auto write = [&] {
        if (!is_file) {
            print(text);
        } else if (!file.write(text.data(), static_cast<std::streamsize>(text.size())).flush()) {
            throw Failure(ErrorKind::environment, "expected to write events to " + options.output);
        }
        text.clear();
    };
    static_cast<void>(publish_all(shell, options, [&](const Message& message) {
        text.append(consumer::line_from_message(message)).push_back('\n');
        if (text.size() >= kWrittenAtOnceBytes) {
            write();
        }
    }));
    write();
    return kExitDone;
}

int publish_to_broker(Shell& shell, const PublishOptions& options) {
    const NatsConfig& config = shell.config().nats;
    consumer::NatsConnection connection(nats_options(config));
    connection.ensure_open();
    if (options.provision) {
        static_cast<void>(consumer::ensure_stream(
            connection, {config.stream, config.durable}, consumer::WhenAbsent::create));
    }
    consumer::PublisherOptions publisher_options;
    publisher_options.message_ids = !options.no_message_ids;
    publisher_options.per_second = options.rate;
    consumer::Publisher publisher(connection, publisher_options);
    const std::int64_t suppressed = publish_all(
        shell, options, [&publisher](const Message& message) { publisher.publish(message); });
    publisher.finish();
    const consumer::PublishCounts& counts = publisher.counts();
    print("{\"sent\":" + std::to_string(counts.sent) + ",\"stored\":" +
          std::to_string(counts.stored) + ",\"duplicates\":" + std::to_string(counts.duplicates) +
          ",\"suppressed\":" + std::to_string(suppressed) + "}\n");
    return kExitDone;
}

int publish(Shell& shell, const PublishOptions& options) {
    take_stop_signals();
    if (options.file.empty() == !options.fleet_seed.has_value()) {
        throw Failure(ErrorKind::usage,
                      "expected either a JSON Lines file or --fleet SEED to publish");
    }
    return options.output.empty() ? publish_to_broker(shell, options)
                                  : publish_to_file(shell, options);
}

void add_options(CLI::App& command, PublishOptions& options) {
    command.add_option("file", options.file, "JSON Lines file; - is standard input")
        ->type_name("FILE");
    command.add_option("--fleet", options.fleet_seed, "A synthetic fleet from this seed")
        ->check(whole_number({}))
        ->type_name("SEED");
    command.add_option("--events", options.events, "Messages of the fleet")
        ->check(whole_number({1}))
        ->capture_default_str();
    command.add_option("--instances", options.instances, "Instances alive at a time")
        ->check(whole_number({1}))
        ->capture_default_str();
    command
        .add_option("--period",
                    options.period,
                    "The month (UTC) the fleet's events lie in; default: the month before this one")
        ->type_name("MONTH");
    command.add_option("--rate", options.rate, "Messages a second; default: flat out")
        ->check(whole_number({1}))
        ->type_name("N");
    command
        .add_option("--debounce",
                    options.debounce,
                    "Of an instance's events within this time publish only the last, e.g. 500ms")
        ->type_name("DURATION");
    command.add_option("--output", options.output, "Write JSON Lines here instead; - is stdout")
        ->type_name("FILE");
    command.add_flag("--provision",
                     options.provision,
                     "Create the stream where there is none; for demos and tests");
    command.add_flag("--no-message-ids",
                     options.no_message_ids,
                     "Send no Nats-Msg-Id, so that the broker keeps duplicates");
}

}  // namespace

void add_publish_command(CLI::App& app, Shell& shell) {
    const auto options = std::make_shared<PublishOptions>();
    CLI::App* const command =
        app.add_subcommand("publish", "Act as a service provider: a synthetic fleet, or a file");
    add_options(*command, *options);
    shell.add_formats(*command, object_formats());
    command->footer(
        "Example: dcm-billing publish --fleet 1 --events 20000 --period 2026-05 --provision");
    command->callback([&shell, options] {
        shell.choose([&shell, options] { return publish(shell, *options); });
    });
}

}  // namespace dcm::cli
