# The ledger is a file of the branch that this goes to; a merge may have written it after this commit.
ledger="@below@.campaignctl/ledger/$CAMPAIGNCTL_ENVIRONMENT.json"
branch="${CI_MERGE_REQUEST_TARGET_BRANCH_NAME:-$CI_COMMIT_BRANCH}"
git fetch --quiet origin "$branch"
for file in "$ledger" "$ledger.journal"; do
  if git cat-file -e "FETCH_HEAD:$file" 2>/dev/null; then git checkout --quiet FETCH_HEAD -- "$file"; fi
done
