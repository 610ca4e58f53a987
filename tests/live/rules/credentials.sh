# The rules of credentials.yaml.
source "$(dirname "$0")/lib.sh"
need_live
make_container
cp "$HELPERS/provoke" "$scratch/image/bin/"
add_program aws 'read key </root/.aws/credentials'
add_programs find
mkdir -p "$scratch/image"/root/.aws "$scratch/image"/var/www/html/img
echo key >"$scratch/image/root/.aws/credentials"
for file in root/.netrc root/.bash_history tmp/krb5cc_0 tmp/netrc; do echo secret >"$scratch/image/$file"; done

in_container '/bin/cat /root/.aws/credentials; /bin/cat /root/.netrc; /bin/cat /tmp/krb5cc_0; /bin/cat /root/.bash_history
  /bin/provoke open-memory; /bin/provoke open-environment; /bin/find / -name id_rsa; /bin/find / -path "*.aws/credentials"
  cd /var/www/html; /bin/cat ../../../../etc/passwd; /bin/cat ../../../etc/nothing; true'
expect_alert "Cloud credentials read" '"fd.name":"/root/.aws/credentials"'
expect_alert "Tool credentials read" '"fd.name":"/root/.netrc"'
expect_alert "Kerberos tickets read" '"fd.name":"/tmp/krb5cc_0"'
expect_alert "Shell history read" '"fd.name":"/root/.bash_history"'
expect_alert "Memory of another process read" 'provoke open-memory' '/mem"'
expect_alert "Environment of another process read" '/environ"'
expect_alert "Keys or passwords searched" '-name id_rsa'
expect_alert "Cloud credentials searched" '*.aws/credentials'
expect_alert "Directory traversal to a system file" 'asked=../../../../etc/passwd result=SUCCESS'
expect_alert "Directory traversal to a system file" 'asked=../../../etc/nothing result=ENOENT'

in_container '/bin/aws; /bin/cat /tmp/netrc; read line </root/.bash_history
  /bin/provoke open-own-memory; /bin/cat /proc/self/environ; cd /etc; /bin/find / -name "*.conf"
  cd /var/www/html; /bin/cat ../html/x /etc/passwd; true'
expect_no_alerts "Cloud credentials read" "Tool credentials read" "Kerberos tickets read" "Shell history read" \
  "Memory of another process read" "Environment of another process read" "Keys or passwords searched" "Cloud credentials searched" \
  "Directory traversal to a system file"
done_testing
