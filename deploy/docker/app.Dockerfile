# One LivePredict program: streams-app, trainer, console or simulator. Context: deploy/docker/target/PROGRAM, staged by deploy/docker/build.
ARG BASE=eclipse-temurin:25-jre
FROM ${BASE}
ARG TITLE=LivePredict
LABEL org.opencontainers.image.title="${TITLE}" org.opencontainers.image.licenses="Apache-2.0"

# Others' jars and native libraries change seldom, ours with every build: two layers.
COPY lib /opt/livepredict/lib
COPY native /opt/livepredict/native
COPY app /opt/livepredict/app
COPY java.options logback.xml /opt/livepredict/
COPY warm-up *.yaml /tmp/warm-up/

# A named volume takes its owner from the image's folder. The warm-up writes the cache of loaded and linked classes (JEP
# 483, 514); on a JDK without it, or where it fails, the program starts without one.
RUN mkdir -p /data /etc/livepredict && chown 10001:10001 /data \
 && bash /tmp/warm-up/warm-up && rm -rf /tmp/warm-up
USER 10001:10001
WORKDIR /data
EXPOSE 8080
ENTRYPOINT ["java", "@/opt/livepredict/java.options"]
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD curl -fsS http://localhost:8080/health >/dev/null || exit 1
