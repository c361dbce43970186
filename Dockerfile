# One image for both programs: `wap bot` (the default) and a Prefect worker that runs the flow.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 DO_NOT_TRACK=1
WORKDIR /app

# The lock first: it changes more rarely than the code.
COPY requirements-uv.lock requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements-uv.lock \
    && uv pip install --system --no-cache --compile-bytecode --no-deps --require-hashes -r requirements.lock

COPY pyproject.toml README.md LICENSE wap.toml prefect.yaml ./
COPY bot bot
COPY flows flows
COPY sandbox sandbox
COPY wap wap
RUN pip install --no-cache-dir --no-deps --no-build-isolation . \
    && useradd --create-home --uid 10001 wap

USER wap
CMD ["wap", "bot"]
# The worker: docker run ... prefect worker start --pool wap --type process
