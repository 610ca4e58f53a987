# Runs what tools/github, tools/gitlab and .pre-commit-hooks.yaml say, as those services do, on rules that are right and on rules that
# are not: integrations.py SOURCE FALCOC. Prints what was wrong.
import os, re, shutil, subprocess, sys, tempfile

try:
    import yaml
except ImportError:
    print("SKIPPED: python3-yaml is not installed")
    sys.exit(77)

source, falcoc = sys.argv[1:]
RULE = """- rule: Secret read
  desc: a secret was read
  condition: evt.type in (open, openat, openat2) and fd.name = /etc/shadow
  output: Secret read (file=%fd.name user=%user.name command=%proc.cmdline)
  priority: WARNING
"""
TEST = """rules: ../rules.yaml
tests:
- test: a secret is read
  event: openat
  process: [bash, cat]
  fields: {fd.name: /etc/shadow}
  expect: Secret read
"""
failures = []


def check(holds, message):
    if not holds:
        failures.append(message)


def repository():
    folder = tempfile.mkdtemp(prefix="falcoc-integrations.")
    os.makedirs(folder + "/rules/tests")
    return folder


def write(folder, name, text):
    with open(os.path.join(folder, name), "w") as file:
        file.write(text)


def run(script, folder, environment):
    return subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=folder, env={**os.environ, **environment},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def github(folder, inputs):
    """The steps of the composite action, up to the first that fails."""
    path = source + "/tools/github"
    with open(path + "/action.yml") as file:
        action = yaml.safe_load(file)
    values = {name: str(given.get("default", "")) for name, given in action["inputs"].items()}
    values.update(inputs)
    unknown = set(inputs) - set(action["inputs"])
    check(not unknown, f"inputs {unknown} are not known")
    status = 0
    for step in action["runs"]["steps"]:
        condition = re.fullmatch(r"inputs\.(\w+) (==|!=) ''", step.get("if", "inputs.rules != ''"))
        check(condition, f"a condition that is not understood: {step.get('if')}")
        if (values[condition[1]] == "") != (condition[2] == "=="):
            continue
        environment = {key: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda match: values[match[1]], value)
                       for key, value in step.get("env", {}).items()}
        environment.update(GITHUB_ACTIONS="true", GITHUB_ACTION_PATH=path, GITHUB_STEP_SUMMARY=folder + "/summary.md")
        done = run(step["run"], folder, environment)
        if done.returncode != 0:
            return done.returncode, done.stdout
        status, output = done.returncode, done.stdout
    return status, output


def gitlab(folder, variables):
    with open(source + "/tools/gitlab/falcoc.yml") as file:
        job = yaml.safe_load(file)["falcoc"]
    environment = {**job["variables"], **variables}
    for line in job["script"]:
        done = run(line, folder, environment)
        if done.returncode != 0:
            break
    return done.returncode, done.stdout


def pre_commit(folder, environment):
    subprocess.run("git init -q . && git add rules", shell=True, cwd=folder, check=True)
    hooks = tempfile.mkdtemp(prefix="falcoc-hooks.")  # a repository that has them, and nothing else
    shutil.copy(source + "/.pre-commit-hooks.yaml", hooks)
    subprocess.run("git init -q . && git add . && git -c user.name=t -c user.email=t@t commit -qm hooks", shell=True, cwd=hooks,
                   check=True)
    done = run(f"pre-commit try-repo {hooks} --all-files", folder, environment)
    shutil.rmtree(hooks)
    return done.returncode, done.stdout


folder = repository()
write(folder, "rules/rules.yaml", RULE)
write(folder, "rules/tests/secret.test.yaml", TEST)
inputs = {"rules": "rules/*.yaml", "tests": "rules/tests", "falcoc": falcoc}
variables = {"FALCOC": falcoc, "FALCOC_RULES": "rules/*.yaml", "FALCOC_TESTS": "rules/tests"}
home = tempfile.mkdtemp(prefix="falcoc-home.")
on_path = {"PATH": os.path.dirname(falcoc) + ":" + os.environ["PATH"], "HOME": home, "PRE_COMMIT_HOME": home}
with_pre_commit = shutil.which("pre-commit") and shutil.which("git")

status, output = github(folder, inputs)
check(status == 0, f"the action fails on rules that are right: {output}")
check("passed" in open(folder + "/summary.md").read(), "the action writes no summary")
check('"version": "2.1.0"' in open(folder + "/falcoc.sarif").read(), "the action writes no report")
status, output = gitlab(folder, variables)
check(status == 0, f"the job fails on rules that are right: {output}")
check("testsuite" in open(folder + "/falcoc.xml").read(), "the job writes no report")
if with_pre_commit:
    status, output = pre_commit(folder, on_path)
    check(status == 0, f"hooks fail on rules that are right: {output}")
    check(output.count("Passed") == 3, f"not three hooks ran: {output}")

base = {"base": "HEAD", "fail_on": "looser removed"}
job_base = {"FALCOC_BASE": "HEAD", "FALCOC_FAIL_ON": "looser"}
subprocess.run("git init -q . && git add rules && git -c user.name=t -c user.email=t@t commit -qm one", shell=True, cwd=folder,
               check=True)
write(folder, "rules/rules.yaml", RULE.replace("(open, openat, openat2)", "(open, openat, openat2, creat)"))
status, output = github(folder, {**inputs, "base": "HEAD"})
check(status == 0, f"the action fails on a difference that nobody asked about: {output}")
check("| Secret read | looser |" in open(folder + "/summary.md").read(), "the summary lacks the difference")
check(github(folder, {**inputs, **base})[0] == 1, "the action passes rules that are looser than the base")
check(gitlab(folder, {**variables, **job_base})[0] == 1, "the job passes rules that are looser than the base")
write(folder, "rules/rules.yaml", RULE.replace("fd.name =", "proc.name exists and fd.name ="))
check(github(folder, {**inputs, **base})[0] == 0, "the action fails on rules that are stricter")
check(gitlab(folder, {**variables, **job_base})[0] == 0, "the job fails on rules that are stricter")

write(folder, "rules/rules.yaml", RULE.replace("fd.name = /etc/shadow", "fd.nmae = /etc/shadow"))
status, output = github(folder, inputs)
check(status == 1, f"the action passes rules that are wrong: {output}")
check("::error file=rules/rules.yaml" in output, f"the action does not show where: {output}")
check("E0301" in open(folder + "/falcoc.sarif").read(), "the report lacks the finding")
status, output = gitlab(folder, variables)
check(status == 1, f"the job passes rules that are wrong: {output}")
check("E0301" in open(folder + "/falcoc.xml").read(), "the report lacks the finding")
if with_pre_commit:
    status, output = pre_commit(folder, on_path)
    check(status == 1, f"hooks pass rules that are wrong: {output}")

write(folder, "rules/rules.yaml", RULE)
write(folder, "rules/tests/secret.test.yaml", TEST.replace("expect: Secret read", "expect: none"))
check(github(folder, inputs)[0] == 1, "the action passes rules whose tests fail")
check(gitlab(folder, variables)[0] == 1, "the job passes rules whose tests fail")

shutil.rmtree(folder)
shutil.rmtree(home)
for failure in failures:
    print("FAILED:", failure)
if not failures and not with_pre_commit:
    print("SKIPPED: pre-commit is not installed; the others passed")
    sys.exit(77)
sys.exit(bool(failures))
