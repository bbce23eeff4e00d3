# What this job records is pushed, whatever becomes of it: on top of the branch, which may have moved on.
export CAMPAIGNCTL_COMMITS_LEDGER=true
keep() {
  place="$(mktemp -d)/ledger"
  for try in 1 2 3; do
    git fetch --quiet origin "$branch" && git worktree add --quiet --detach "$place" FETCH_HEAD || return 1
    for file in "$ledger" "$ledger.journal"; do
      if [ -e "$file" ]; then
        mkdir -p "$place/@below@.campaignctl/ledger" && cp "$file" "$place/$file" && git -C "$place" add --force -- "$file"
      else
        git -C "$place" rm --quiet --ignore-unmatch -- "$file"
      fi
    done
    if git -C "$place" diff --cached --quiet; then return 0; fi
    git -C "$place" -c user.name=campaignctl -c user.email=campaignctl@noreply.invalid \
      commit --quiet --message "campaignctl: ledger of $CAMPAIGNCTL_ENVIRONMENT [skip ci]"
    token=$(printf 'token:%s' "$CAMPAIGNCTL_GITLAB_TOKEN" | base64 | tr -d '\n')
    if GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="http.$CI_SERVER_URL/.extraheader" \
      GIT_CONFIG_VALUE_0="Authorization: Basic $token" \
      git -C "$place" push --quiet "$CI_PROJECT_URL.git" "HEAD:$branch"; then return 0; fi
    git worktree remove --force "$place"
  done
  echo "The ledger could not be pushed to $branch: the next run does not know what this one made." >&2
  return 1
}
trap 'code=$?; keep || code=1; exit "$code"' EXIT
