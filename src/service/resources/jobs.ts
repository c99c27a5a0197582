/** Jobs and exports, as far as threads answer for them. */
import type { LidGroup } from "../../../languages/define.ts";
import { requireGroupList } from "../../curation/group-list.ts";
import type { ProfileName } from "../../profile.ts";
import { indexBuild, unindexedBuilds } from "../../store/entry-index.ts";
import { addJob, changeJob, findJob, type Job, pageJobs, releaseJobs } from "../../store/jobs.ts";
import { internal, notFound } from "../operation.ts";

/** Which jobs are wanted. */
export type JobsInput = Parameters<typeof pageJobs>[1];

export const JOB_OPERATIONS = [
  internal("addJob", ({ db }, job: Pick<Job, "kind" | "request">) => addJob(db, job)),
  internal(
    "changeJob",
    ({ db }, { id, change }: { readonly id: number; readonly change: Parameters<typeof changeJob>[2] }) =>
      changeJob(db, id, change),
  ),
  internal("findJob", ({ db }, { id }: Pick<Job, "id">): Job => {
    const job = findJob(db, id);
    if (job === undefined) throw notFound(`no job ${id}`);
    return job;
  }),
  internal("pageJobs", ({ db }, input: JobsInput) => pageJobs(db, input)),
  internal("releaseJobs", ({ db }) => releaseJobs(db)),
  internal("makeList", ({ db }, { group, profile }: { readonly group: LidGroup; readonly profile: ProfileName }) => {
    return requireGroupList(db, group, profile).name;
  }),
  internal("unindexedBuilds", ({ db }) => unindexedBuilds(db)),
  internal("indexBuild", ({ db }, { build }: { readonly build: number }) => {
    indexBuild(db, build);
    return build;
  }),
];
