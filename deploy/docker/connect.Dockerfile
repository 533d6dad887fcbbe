# Kafka Connect with the JDBC sink, the Avro converter and the supervisor of tasks. Context: deploy/connect, staged by deploy/docker/build.
ARG BASE=eclipse-temurin:25-jre
FROM ${BASE}
LABEL org.opencontainers.image.title="LivePredict Kafka Connect" org.opencontainers.image.licenses="Apache-2.0"
COPY image/worker/target/stage /opt/connect/libs
COPY image/jdbc-sink/target/stage /opt/connect/plugins/jdbc-sink
COPY target/livepredict-plugin /opt/connect/plugins/livepredict
COPY connectors /etc/livepredict/connectors
COPY run register /opt/connect/bin/
RUN mkdir -p /data && chown 10001:10001 /data
USER 10001:10001
WORKDIR /data
EXPOSE 8083
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD curl -fsS http://localhost:8083/connectors >/dev/null || exit 1
CMD ["/opt/connect/bin/run"]
