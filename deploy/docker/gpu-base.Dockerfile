# A base with CUDA 12 and cuDNN 9 for `deploy/docker/build --gpu`: onnxruntime_gpu is built against those.
ARG JAVA=eclipse-temurin:25-jre
ARG CUDA=nvidia/cuda:12.9.1-cudnn-runtime-ubuntu24.04
FROM ${JAVA} AS java
FROM ${CUDA}
COPY --from=java /opt/java/openjdk /opt/java/openjdk
ENV JAVA_HOME=/opt/java/openjdk PATH=/opt/java/openjdk/bin:$PATH LANG=C.UTF-8
RUN command -v curl >/dev/null || { apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*; }
