# Sourced by scripts/test and .ci/run: names a step and prints what it took.
step() {
    local name=$1 started=$SECONDS
    shift
    printf '== %s\n' "$name"
    "$@"
    printf '== %s: %d s\n' "$name" $((SECONDS - started))
}
