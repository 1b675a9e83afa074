//! The cases of NIST's Public Key Interoperability Test Suite (PKITS 1.0.1, sections 4.1 to 4.16): what is
//! asked of each last certificate, and what has to come out, from the published description.

use sign_core::x509::PathOutcome;

/// The outcome of a path with nothing wrong.
pub(crate) const VALID: &str = "valid";
/// Any policy, among the numbers of the test policies.
pub(crate) const ANY: u8 = 0;

/// One question.
pub(crate) struct Case {
    /// Section and number; with a further number where one test asks several times.
    pub(crate) number: &'static str,
    /// File of the last certificate.
    pub(crate) leaf: &'static str,
    /// initial-explicit-policy (E), initial-policy-mapping-inhibit (M), initial-any-policy-inhibit (A).
    pub(crate) flags: &'static str,
    /// user-initial-policy-set: NIST-test-policy-1 and so on; empty for any.
    pub(crate) policies: &'static [u8],
    /// Authority- and user-constrained policy sets, where the description gives them.
    pub(crate) sets: Option<(&'static [u8], &'static [u8])>,
    /// [`VALID`], or the code of the problem.
    pub(crate) expected: &'static str,
    /// What the case is about.
    pub(crate) why: &'static str,
}

const fn case(number: &'static str, leaf: &'static str, expected: &'static str, why: &'static str) -> Case {
    Case { number, leaf, flags: "", policies: &[], sets: None, expected, why }
}

const fn asked(
    number: &'static str,
    leaf: &'static str,
    flags: &'static str,
    policies: &'static [u8],
    sets: (&'static [u8], &'static [u8]),
    expected: &'static str,
    why: &'static str,
) -> Case {
    Case { number, leaf, flags, policies, sets: Some(sets), expected, why }
}

impl Case {
    pub(crate) fn policy_identifiers(&self) -> Vec<String> {
        self.policies.iter().map(|policy| identifier(*policy)).collect()
    }

    /// `4.8` of `4.8.1.2`.
    pub(crate) fn section(&self) -> String {
        self.number.splitn(3, '.').take(2).collect::<Vec<_>>().join(".")
    }

    /// What is not as published.
    pub(crate) fn differences(&self, outcome: &PathOutcome) -> Vec<String> {
        let codes: Vec<&str> = outcome.problems.iter().map(|problem| problem.kind.code()).collect();
        let mut found = Vec::new();
        let as_expected =
            if self.expected == VALID { outcome.is_clean() } else { codes.contains(&self.expected) };
        if !as_expected {
            found.push(format!("expected {}, found {codes:?}", self.expected));
        }
        if let Some((authority, user)) = self.sets {
            for (name, expected, ours) in [
                ("authority", authority, &outcome.policies.authority),
                ("user", user, &outcome.policies.user),
            ] {
                let expected: Vec<String> = expected.iter().map(|policy| identifier(*policy)).collect();
                if *ours != expected {
                    found.push(format!("{name} policies: expected {expected:?}, found {ours:?}"));
                }
            }
        }
        found
    }
}

fn identifier(policy: u8) -> String {
    match policy {
        ANY => "2.5.29.32.0".to_owned(),
        number => format!("2.16.840.1.101.3.2.1.48.{number}"),
    }
}

/// Every case. Paths and lists are found among all certificates and all lists of the suite.
#[rustfmt::skip]
pub(crate) const CASES: &[Case] = &[
    // 4.1 Signature verification
    case("4.1.1", "ValidCertificatePathTest1EE", VALID, "every signature of the path is right"),
    case("4.1.2", "InvalidCASignatureTest2EE", "certificate_bad_signature", "the signature of the authority's certificate is broken"),
    case("4.1.3", "InvalidEESignatureTest3EE", "certificate_bad_signature", "the signature of the last certificate is broken"),
    case("4.1.4", "ValidDSASignaturesTest4EE", VALID, "an authority with a DSA key"),
    case("4.1.5", "ValidDSAParameterInheritanceTest5EE", VALID, "a DSA key whose parameters are those of the key above"),
    case("4.1.6", "InvalidDSASignatureTest6EE", "certificate_bad_signature", "a broken DSA signature"),
    // 4.2 Validity periods
    case("4.2.1", "InvalidCAnotBeforeDateTest1EE", "certificate_not_yet_valid", "the authority's certificate begins in 2047"),
    case("4.2.2", "InvalidEEnotBeforeDateTest2EE", "certificate_not_yet_valid", "the last certificate begins in 2047"),
    case("4.2.3", "Validpre2000UTCnotBeforeDateTest3EE", VALID, "a UTCTime with the year 50 is 1950"),
    case("4.2.4", "ValidGeneralizedTimenotBeforeDateTest4EE", VALID, "the start is a GeneralizedTime"),
    case("4.2.5", "InvalidCAnotAfterDateTest5EE", "certificate_expired", "the authority's certificate is over"),
    case("4.2.6", "InvalidEEnotAfterDateTest6EE", "certificate_expired", "the last certificate is over"),
    case("4.2.7", "Invalidpre2000UTCEEnotAfterDateTest7EE", "certificate_expired", "a UTCTime with the year 99 is 1999"),
    case("4.2.8", "ValidGeneralizedTimenotAfterDateTest8EE", VALID, "the end is a GeneralizedTime in 2050"),
    // 4.3 Name chaining
    case("4.3.1", "InvalidNameChainingTest1EE", "no_issuer_found", "the issuer's common name differs"),
    case("4.3.2", "InvalidNameChainingOrderTest2EE", "no_issuer_found", "the same attributes in another order are another name"),
    case("4.3.3", "ValidNameChainingWhitespaceTest3EE", VALID, "runs of spaces inside a name count as one"),
    case("4.3.4", "ValidNameChainingWhitespaceTest4EE", VALID, "spaces at either end of a name do not count"),
    case("4.3.5", "ValidNameChainingCapitalizationTest5EE", VALID, "letter case does not count"),
    case("4.3.6", "ValidNameUIDsTest6EE", VALID, "unique identifiers beside the names"),
    case("4.3.7", "ValidRFC3280MandatoryAttributeTypesTest7EE", VALID, "every attribute type that must be known"),
    case("4.3.8", "ValidRFC3280OptionalAttributeTypesTest8EE", VALID, "every attribute type that should be known"),
    case("4.3.9", "ValidUTF8StringEncodedNamesTest9EE", VALID, "names in UTF-8"),
    case("4.3.10", "ValidRolloverfromPrintableStringtoUTF8StringTest10EE", VALID, "the issuer changed the string type of its name"),
    case("4.3.11", "ValidUTF8StringCaseInsensitiveMatchTest11EE", VALID, "letter case and spaces do not count in UTF-8 either"),
    // 4.4 Basic certificate revocation
    case("4.4.1", "InvalidMissingCRLTest1EE", "status_unknown", "there is no list of the authority"),
    case("4.4.2", "InvalidRevokedCATest2EE", "certificate_revoked", "the authority is revoked"),
    case("4.4.3", "InvalidRevokedEETest3EE", "certificate_revoked", "the last certificate is revoked"),
    case("4.4.4", "InvalidBadCRLSignatureTest4EE", "status_unknown", "the list's signature is broken"),
    case("4.4.5", "InvalidBadCRLIssuerNameTest5EE", "status_unknown", "the list names another issuer"),
    case("4.4.6", "InvalidWrongCRLTest6EE", "status_unknown", "the list in the authority's place is the root's"),
    case("4.4.7", "ValidTwoCRLsTest7EE", VALID, "one list of the name is broken, the other is right"),
    case("4.4.8", "InvalidUnknownCRLEntryExtensionTest8EE", "status_unknown", "a critical extension of an entry that nobody knows"),
    case("4.4.9", "InvalidUnknownCRLExtensionTest9EE", "status_unknown", "a critical extension of the list that nobody knows"),
    case("4.4.10", "InvalidUnknownCRLExtensionTest10EE", "status_unknown", "the same, for a certificate that is not on the list"),
    case("4.4.11", "InvalidOldCRLnextUpdateTest11EE", "status_unknown", "the list is out of date"),
    case("4.4.12", "Invalidpre2000CRLnextUpdateTest12EE", "status_unknown", "the list has been out of date since 1999"),
    case("4.4.13", "ValidGeneralizedTimeCRLnextUpdateTest13EE", VALID, "the list's end is a GeneralizedTime in 2050"),
    case("4.4.14", "ValidNegativeSerialNumberTest14EE", VALID, "serial number 0xff read as positive is on the list, -1 is not"),
    case("4.4.15", "InvalidNegativeSerialNumberTest15EE", "certificate_revoked", "a negative serial number is on the list"),
    case("4.4.16", "ValidLongSerialNumberTest16EE", VALID, "20 bytes of serial number, another one is listed"),
    case("4.4.17", "ValidLongSerialNumberTest17EE", VALID, "only the last bytes of the listed number are the same"),
    case("4.4.18", "InvalidLongSerialNumberTest18EE", "certificate_revoked", "20 bytes of serial number that are listed"),
    case("4.4.19", "ValidSeparateCertificateandCRLKeysTest19EE", VALID, "the authority signs lists with a key of its own"),
    case("4.4.20", "InvalidSeparateCertificateandCRLKeysTest20EE", "certificate_revoked", "such a list names the certificate"),
    case("4.4.21", "InvalidSeparateCertificateandCRLKeysTest21EE", "status_unknown", "the certificate of the key for lists is revoked"),
    // 4.5 Self-issued certificates
    case("4.5.1", "ValidBasicSelfIssuedOldWithNewTest1EE", VALID, "key rollover: signed with the old key, which the new one vouches for"),
    case("4.5.2", "InvalidBasicSelfIssuedOldWithNewTest2EE", "certificate_revoked", "the same, revoked"),
    case("4.5.3", "ValidBasicSelfIssuedNewWithOldTest3EE", VALID, "key rollover: signed with the new key, which the old one vouches for"),
    case("4.5.4", "ValidBasicSelfIssuedNewWithOldTest4EE", VALID, "signed with the old key, the list with the new one"),
    case("4.5.5", "InvalidBasicSelfIssuedNewWithOldTest5EE", "certificate_revoked", "the same, revoked"),
    case("4.5.6", "ValidBasicSelfIssuedCRLSigningKeyTest6EE", VALID, "a self-issued certificate for the key that signs lists"),
    case("4.5.7", "InvalidBasicSelfIssuedCRLSigningKeyTest7EE", "certificate_revoked", "the same, revoked"),
    case("4.5.8", "InvalidBasicSelfIssuedCRLSigningKeyTest8EE", "issuer_not_ca", "signed with the key that may only sign lists"),
    // 4.6 Basic constraints
    case("4.6.1", "InvalidMissingbasicConstraintsTest1EE", "issuer_not_ca", "the authority has no basicConstraints"),
    case("4.6.2", "InvalidcAFalseTest2EE", "issuer_not_ca", "it is said to be none, critically"),
    case("4.6.3", "InvalidcAFalseTest3EE", "issuer_not_ca", "it is said to be none, not critically"),
    case("4.6.4", "ValidbasicConstraintsNotCriticalTest4EE", VALID, "basicConstraints need not be critical to be obeyed"),
    case("4.6.5", "InvalidpathLenConstraintTest5EE", "path_too_long", "an authority below one with pathLen 0"),
    case("4.6.6", "InvalidpathLenConstraintTest6EE", "path_too_long", "the same, the last certificate being an authority"),
    case("4.6.7", "ValidpathLenConstraintTest7EE", VALID, "a leaf directly below pathLen 0"),
    case("4.6.8", "ValidpathLenConstraintTest8EE", VALID, "the last certificate does not count, authority or not"),
    case("4.6.9", "InvalidpathLenConstraintTest9EE", "path_too_long", "6, 0, then one authority too many"),
    case("4.6.10", "InvalidpathLenConstraintTest10EE", "path_too_long", "the same, the last certificate being an authority"),
    case("4.6.11", "InvalidpathLenConstraintTest11EE", "path_too_long", "6, 1, 1, then one authority too many"),
    case("4.6.12", "InvalidpathLenConstraintTest12EE", "path_too_long", "the same, the last certificate being an authority"),
    case("4.6.13", "ValidpathLenConstraintTest13EE", VALID, "6, 4, 1: all kept"),
    case("4.6.14", "ValidpathLenConstraintTest14EE", VALID, "the same, the last certificate being an authority"),
    case("4.6.15", "ValidSelfIssuedpathLenConstraintTest15EE", VALID, "self-issued authorities do not count"),
    case("4.6.16", "InvalidSelfIssuedpathLenConstraintTest16EE", "path_too_long", "the one below a self-issued authority does"),
    case("4.6.17", "ValidSelfIssuedpathLenConstraintTest17EE", VALID, "two self-issued authorities below pathLen 1"),
    // 4.7 Key usage
    case("4.7.1", "InvalidkeyUsageCriticalkeyCertSignFalseTest1EE", "issuer_key_usage", "the authority's key is not for certificates"),
    case("4.7.2", "InvalidkeyUsageNotCriticalkeyCertSignFalseTest2EE", "issuer_key_usage", "the same, not critical"),
    case("4.7.3", "ValidkeyUsageNotCriticalTest3EE", VALID, "keyUsage need not be critical"),
    case("4.7.4", "InvalidkeyUsageCriticalcRLSignFalseTest4EE", "status_unknown", "the authority's key is not for lists"),
    case("4.7.5", "InvalidkeyUsageNotCriticalcRLSignFalseTest5EE", "status_unknown", "the same, not critical"),
    // 4.8 Certificate policies
    asked("4.8.1.1", "ValidCertificatePathTest1EE", "E", &[], (&[1], &[1]), VALID, "all certificates have policy 1"),
    asked("4.8.1.2", "ValidCertificatePathTest1EE", "E", &[1], (&[1], &[1]), VALID, "and it is asked for"),
    asked("4.8.1.3", "ValidCertificatePathTest1EE", "E", &[2], (&[1], &[]), "no_valid_policy", "another one is asked for"),
    asked("4.8.1.4", "ValidCertificatePathTest1EE", "E", &[1, 2], (&[1], &[1]), VALID, "one of those asked for"),
    asked("4.8.2.1", "AllCertificatesNoPoliciesTest2EE", "", &[], (&[], &[]), VALID, "no policies, and none required"),
    asked("4.8.2.2", "AllCertificatesNoPoliciesTest2EE", "E", &[], (&[], &[]), "no_valid_policy", "no policies, but one is required"),
    asked("4.8.3.1", "DifferentPoliciesTest3EE", "", &[], (&[], &[]), VALID, "policies 1 and 2 in turn, none required"),
    asked("4.8.3.2", "DifferentPoliciesTest3EE", "E", &[], (&[], &[]), "no_valid_policy", "policies 1 and 2 in turn, one is required"),
    asked("4.8.3.3", "DifferentPoliciesTest3EE", "E", &[1, 2], (&[], &[]), "no_valid_policy", "even if both are asked for"),
    asked("4.8.4", "DifferentPoliciesTest4EE", "", &[], (&[], &[]), "no_valid_policy", "the last certificate has another policy"),
    asked("4.8.5", "DifferentPoliciesTest5EE", "", &[], (&[], &[]), "no_valid_policy", "the authority below has another policy"),
    asked("4.8.6.1", "OverlappingPoliciesTest6EE", "", &[], (&[1], &[1]), VALID, "policy 1 is in all"),
    asked("4.8.6.2", "OverlappingPoliciesTest6EE", "", &[1], (&[1], &[1]), VALID, "and asked for"),
    asked("4.8.6.3", "OverlappingPoliciesTest6EE", "", &[2], (&[1], &[]), "no_valid_policy", "policy 2 is not in all"),
    asked("4.8.7", "DifferentPoliciesTest7EE", "", &[], (&[], &[]), "no_valid_policy", "nothing is common to three authorities and the leaf"),
    asked("4.8.8", "DifferentPoliciesTest8EE", "", &[], (&[], &[]), "no_valid_policy", "the second authority has none of the first"),
    asked("4.8.9", "DifferentPoliciesTest9EE", "", &[], (&[], &[]), "no_valid_policy", "the third authority has none of the second"),
    asked("4.8.10.1", "AllCertificatesSamePoliciesTest10EE", "", &[1], (&[1, 2], &[1]), VALID, "two policies in all"),
    asked("4.8.10.2", "AllCertificatesSamePoliciesTest10EE", "", &[2], (&[1, 2], &[2]), VALID, "two policies in all"),
    asked("4.8.10.3", "AllCertificatesSamePoliciesTest10EE", "", &[], (&[1, 2], &[1, 2]), VALID, "two policies in all"),
    asked("4.8.11.1", "AllCertificatesanyPolicyTest11EE", "", &[], (&[ANY], &[ANY]), VALID, "all certificates allow any policy"),
    asked("4.8.11.2", "AllCertificatesanyPolicyTest11EE", "", &[1], (&[ANY], &[1]), VALID, "then also the one asked for"),
    asked("4.8.12", "DifferentPoliciesTest12EE", "", &[], (&[], &[]), "no_valid_policy", "the leaf has another policy than its authority"),
    asked("4.8.13.1", "AllCertificatesSamePoliciesTest13EE", "", &[1], (&[1, 2, 3], &[1]), VALID, "three policies in all"),
    asked("4.8.13.2", "AllCertificatesSamePoliciesTest13EE", "", &[2], (&[1, 2, 3], &[2]), VALID, "three policies in all"),
    asked("4.8.13.3", "AllCertificatesSamePoliciesTest13EE", "", &[3], (&[1, 2, 3], &[3]), VALID, "three policies in all"),
    asked("4.8.14.1", "AnyPolicyTest14EE", "", &[1], (&[1], &[1]), VALID, "any policy above, policy 1 in the leaf"),
    asked("4.8.14.2", "AnyPolicyTest14EE", "", &[2], (&[1], &[]), "no_valid_policy", "any policy above, policy 1 in the leaf"),
    asked("4.8.15", "UserNoticeQualifierTest15EE", "", &[], (&[1], &[1]), VALID, "qualifiers are for people"),
    asked("4.8.16", "UserNoticeQualifierTest16EE", "", &[], (&[1], &[1]), VALID, "qualifiers for people in authority and leaf"),
    asked("4.8.17", "UserNoticeQualifierTest17EE", "", &[], (&[1], &[1]), VALID, "qualifiers for people with any policy"),
    asked("4.8.18.1", "UserNoticeQualifierTest18EE", "", &[1], (&[1, 2], &[1]), VALID, "another qualifier for each policy"),
    asked("4.8.18.2", "UserNoticeQualifierTest18EE", "", &[2], (&[1, 2], &[2]), VALID, "another qualifier for each policy"),
    asked("4.8.19", "UserNoticeQualifierTest19EE", "", &[], (&[1], &[1]), VALID, "a notice longer than the standard allows"),
    asked("4.8.20", "CPSPointerQualifierTest20EE", "E", &[], (&[1], &[1]), VALID, "a pointer to a practice statement"),
    // 4.9 Require explicit policy
    asked("4.9.1", "ValidrequireExplicitPolicyTest1EE", "", &[], (&[], &[]), VALID, "required only after ten certificates"),
    asked("4.9.2", "ValidrequireExplicitPolicyTest2EE", "", &[], (&[], &[]), VALID, "required only after five certificates"),
    asked("4.9.3", "InvalidrequireExplicitPolicyTest3EE", "", &[], (&[], &[]), "no_valid_policy", "required after four, which is reached"),
    asked("4.9.4", "ValidrequireExplicitPolicyTest4EE", "", &[], (&[1], &[1]), VALID, "required at once, and there is one"),
    asked("4.9.5", "InvalidrequireExplicitPolicyTest5EE", "", &[], (&[], &[]), "no_valid_policy", "a later, stricter demand wins"),
    asked("4.9.6", "ValidSelfIssuedrequireExplicitPolicyTest6EE", "", &[], (&[], &[]), VALID, "self-issued certificates are not counted"),
    asked("4.9.7", "InvalidSelfIssuedrequireExplicitPolicyTest7EE", "", &[], (&[], &[]), "no_valid_policy", "the one below them is"),
    asked("4.9.8", "InvalidSelfIssuedrequireExplicitPolicyTest8EE", "", &[], (&[], &[]), "no_valid_policy", "one below two self-issued ones is"),
    // 4.10 Policy mappings
    asked("4.10.1.1", "ValidPolicyMappingTest1EE", "", &[1], (&[1], &[1]), VALID, "policy 1 is mapped to 2"),
    asked("4.10.1.2", "ValidPolicyMappingTest1EE", "", &[2], (&[1], &[]), "no_valid_policy", "the asker's policies are those of the anchor's domain"),
    asked("4.10.1.3", "ValidPolicyMappingTest1EE", "M", &[], (&[], &[]), "no_valid_policy", "mappings are not allowed"),
    asked("4.10.2.1", "InvalidPolicyMappingTest2EE", "", &[], (&[], &[]), "no_valid_policy", "the leaf has the policy that was mapped away"),
    asked("4.10.2.2", "InvalidPolicyMappingTest2EE", "M", &[], (&[], &[]), "no_valid_policy", "nor do mappings that are not allowed help"),
    asked("4.10.3.1", "ValidPolicyMappingTest3EE", "", &[1], (&[2], &[]), "no_valid_policy", "a chain of mappings ends in policy 2's line"),
    asked("4.10.3.2", "ValidPolicyMappingTest3EE", "", &[2], (&[2], &[2]), VALID, "a chain of mappings ends in policy 2's line"),
    asked("4.10.4", "InvalidPolicyMappingTest4EE", "", &[], (&[], &[]), "no_valid_policy", "a chain of mappings that the leaf does not meet"),
    asked("4.10.5.1", "ValidPolicyMappingTest5EE", "", &[1], (&[1], &[1]), VALID, "one policy mapped to several"),
    asked("4.10.5.2", "ValidPolicyMappingTest5EE", "", &[6], (&[1], &[]), "no_valid_policy", "one policy mapped to several"),
    asked("4.10.6.1", "ValidPolicyMappingTest6EE", "", &[1], (&[1], &[1]), VALID, "another of the several"),
    asked("4.10.6.2", "ValidPolicyMappingTest6EE", "", &[6], (&[1], &[]), "no_valid_policy", "another of the several"),
    case("4.10.7", "InvalidMappingFromanyPolicyTest7EE", "any_policy_mapped", "any policy must not be mapped"),
    case("4.10.8", "InvalidMappingToanyPolicyTest8EE", "any_policy_mapped", "nothing may be mapped to any policy"),
    asked("4.10.9", "ValidPolicyMappingTest9EE", "", &[], (&[1], &[1]), VALID, "a policy covered by any policy is mapped"),
    asked("4.10.10", "InvalidPolicyMappingTest10EE", "", &[], (&[], &[]), "no_valid_policy", "mapped below any policy, and the leaf has the one mapped away"),
    asked("4.10.11", "ValidPolicyMappingTest11EE", "", &[], (&[1], &[1]), VALID, "mapped below any policy"),
    asked("4.10.12.1", "ValidPolicyMappingTest12EE", "", &[1], (&[1, 2], &[1]), VALID, "two policies, one of them mapped"),
    asked("4.10.12.2", "ValidPolicyMappingTest12EE", "", &[2], (&[1, 2], &[2]), VALID, "two policies, one of them mapped"),
    asked("4.10.13", "ValidPolicyMappingTest13EE", "", &[], (&[1], &[1]), VALID, "a mapping where the leaf has a notice for people"),
    asked("4.10.14", "ValidPolicyMappingTest14EE", "", &[], (&[1], &[1]), VALID, "a mapping where the leaf has any policy"),
    // 4.11 Inhibit policy mapping
    asked("4.11.1", "InvalidinhibitPolicyMappingTest1EE", "", &[], (&[], &[]), "no_valid_policy", "mapping is forbidden at once"),
    asked("4.11.2", "ValidinhibitPolicyMappingTest2EE", "", &[], (&[1], &[1]), VALID, "mapping is forbidden only one certificate later"),
    asked("4.11.3", "InvalidinhibitPolicyMappingTest3EE", "", &[], (&[], &[]), "no_valid_policy", "and then it is"),
    asked("4.11.4", "ValidinhibitPolicyMappingTest4EE", "", &[], (&[2], &[2]), VALID, "the policy that is not mapped is left"),
    asked("4.11.5", "InvalidinhibitPolicyMappingTest5EE", "", &[], (&[], &[]), "no_valid_policy", "forbidden after five, tightened to one"),
    asked("4.11.6", "InvalidinhibitPolicyMappingTest6EE", "", &[], (&[], &[]), "no_valid_policy", "a later, weaker demand loses"),
    asked("4.11.7", "ValidSelfIssuedinhibitPolicyMappingTest7EE", "", &[], (&[1], &[1]), VALID, "self-issued certificates are not counted"),
    asked("4.11.8", "InvalidSelfIssuedinhibitPolicyMappingTest8EE", "", &[], (&[], &[]), "no_valid_policy", "the one below them is"),
    asked("4.11.9", "InvalidSelfIssuedinhibitPolicyMappingTest9EE", "", &[], (&[], &[]), "no_valid_policy", "and the one below two"),
    asked("4.11.10", "InvalidSelfIssuedinhibitPolicyMappingTest10EE", "", &[], (&[], &[]), "no_valid_policy", "a self-issued certificate may not map either"),
    asked("4.11.11", "InvalidSelfIssuedinhibitPolicyMappingTest11EE", "", &[], (&[], &[]), "no_valid_policy", "nor may the one below it"),
    // 4.12 Inhibit any policy
    asked("4.12.1", "InvalidinhibitAnyPolicyTest1EE", "", &[], (&[], &[]), "no_valid_policy", "any policy counts no longer"),
    asked("4.12.2", "ValidinhibitAnyPolicyTest2EE", "", &[], (&[1], &[1]), VALID, "a named policy does"),
    asked("4.12.3.1", "inhibitAnyPolicyTest3EE", "", &[], (&[1], &[1]), VALID, "any policy counts for one more certificate"),
    asked("4.12.3.2", "inhibitAnyPolicyTest3EE", "A", &[], (&[], &[]), "no_valid_policy", "unless the asker says it never does"),
    asked("4.12.4", "InvalidinhibitAnyPolicyTest4EE", "", &[], (&[], &[]), "no_valid_policy", "any policy one certificate too late"),
    asked("4.12.5", "InvalidinhibitAnyPolicyTest5EE", "", &[], (&[], &[]), "no_valid_policy", "after five, tightened to one"),
    asked("4.12.6", "InvalidinhibitAnyPolicyTest6EE", "", &[], (&[], &[]), "no_valid_policy", "a later, weaker demand loses"),
    case("4.12.7", "ValidSelfIssuedinhibitAnyPolicyTest7EE", VALID, "in self-issued certificates it still counts"),
    case("4.12.8", "InvalidSelfIssuedinhibitAnyPolicyTest8EE", "no_valid_policy", "below them it does not"),
    case("4.12.9", "ValidSelfIssuedinhibitAnyPolicyTest9EE", VALID, "in a self-issued authority further down too"),
    case("4.12.10", "InvalidSelfIssuedinhibitAnyPolicyTest10EE", "no_valid_policy", "but not in a self-issued last certificate"),
    // 4.13 Name constraints
    case("4.13.1", "ValidDNnameConstraintsTest1EE", VALID, "the subject is in the permitted subtree"),
    case("4.13.2", "InvalidDNnameConstraintsTest2EE", "name_not_permitted", "the subject is outside"),
    case("4.13.3", "InvalidDNnameConstraintsTest3EE", "name_not_permitted", "the subject is inside, an alternative name outside"),
    case("4.13.4", "ValidDNnameConstraintsTest4EE", VALID, "an e-mail address is not constrained by directory names"),
    case("4.13.5", "ValidDNnameConstraintsTest5EE", VALID, "in one of two permitted subtrees"),
    case("4.13.6", "ValidDNnameConstraintsTest6EE", VALID, "outside the excluded subtree"),
    case("4.13.7", "InvalidDNnameConstraintsTest7EE", "name_excluded", "in the excluded subtree"),
    case("4.13.8", "InvalidDNnameConstraintsTest8EE", "name_excluded", "in the first of two excluded subtrees"),
    case("4.13.9", "InvalidDNnameConstraintsTest9EE", "name_excluded", "in the second of two excluded subtrees"),
    case("4.13.10", "InvalidDNnameConstraintsTest10EE", "name_excluded", "permitted, and excluded"),
    case("4.13.11", "ValidDNnameConstraintsTest11EE", VALID, "permitted, and not excluded"),
    case("4.13.12", "InvalidDNnameConstraintsTest12EE", "name_not_permitted", "the authority below permits less"),
    case("4.13.13", "InvalidDNnameConstraintsTest13EE", "name_not_permitted", "the authority below permits what the one above does not"),
    case("4.13.14", "ValidDNnameConstraintsTest14EE", VALID, "no subject, and an alternative name of another form"),
    case("4.13.15", "InvalidDNnameConstraintsTest15EE", "name_excluded", "excluded by the authority above"),
    case("4.13.16", "InvalidDNnameConstraintsTest16EE", "name_excluded", "excluded by the authority below"),
    case("4.13.17", "InvalidDNnameConstraintsTest17EE", "name_excluded", "permitted below, excluded above"),
    case("4.13.18", "ValidDNnameConstraintsTest18EE", VALID, "excluded by neither"),
    case("4.13.19", "ValidDNnameConstraintsTest19EE", VALID, "a self-issued authority outside the subtree"),
    case("4.13.20", "InvalidDNnameConstraintsTest20EE", "name_not_permitted", "a self-issued last certificate outside the subtree"),
    case("4.13.21", "ValidRFC822nameConstraintsTest21EE", VALID, "a mailbox of any host of the domain"),
    case("4.13.22", "InvalidRFC822nameConstraintsTest22EE", "name_not_permitted", "a mailbox of the domain itself"),
    case("4.13.23", "ValidRFC822nameConstraintsTest23EE", VALID, "a mailbox of the host"),
    case("4.13.24", "InvalidRFC822nameConstraintsTest24EE", "name_not_permitted", "a mailbox of a host below it"),
    case("4.13.25", "ValidRFC822nameConstraintsTest25EE", VALID, "a mailbox of another host than the excluded"),
    case("4.13.26", "InvalidRFC822nameConstraintsTest26EE", "name_excluded", "a mailbox of the excluded host"),
    case("4.13.27", "ValidDNandRFC822nameConstraintsTest27EE", VALID, "subject and mailbox are permitted"),
    case("4.13.28", "InvalidDNandRFC822nameConstraintsTest28EE", "name_not_permitted", "the mailbox is not"),
    case("4.13.29", "InvalidDNandRFC822nameConstraintsTest29EE", "name_not_permitted", "the mailbox in the subject is not"),
    case("4.13.30", "ValidDNSnameConstraintsTest30EE", VALID, "a host in the domain"),
    case("4.13.31", "InvalidDNSnameConstraintsTest31EE", "name_not_permitted", "a host of another domain"),
    case("4.13.32", "ValidDNSnameConstraintsTest32EE", VALID, "a host outside the excluded domain"),
    case("4.13.33", "InvalidDNSnameConstraintsTest33EE", "name_excluded", "a host in the excluded domain"),
    case("4.13.34", "ValidURInameConstraintsTest34EE", VALID, "an address of a host below the domain"),
    case("4.13.35", "InvalidURInameConstraintsTest35EE", "name_not_permitted", "an address of another host"),
    case("4.13.36", "ValidURInameConstraintsTest36EE", VALID, "an address of another host than the excluded"),
    case("4.13.37", "InvalidURInameConstraintsTest37EE", "name_excluded", "an address of the excluded host"),
    case("4.13.38", "InvalidDNSnameConstraintsTest38EE", "name_not_permitted", "a domain that only ends with the same letters"),
    // 4.14 Distribution points
    case("4.14.1", "ValiddistributionPointTest1EE", VALID, "certificate and list name the same point"),
    case("4.14.2", "InvaliddistributionPointTest2EE", "certificate_revoked", "and the certificate is on the list"),
    case("4.14.3", "InvaliddistributionPointTest3EE", "status_unknown", "the certificate names another point"),
    case("4.14.4", "ValiddistributionPointTest4EE", VALID, "the point is named relative to the issuer in the list"),
    case("4.14.5", "ValiddistributionPointTest5EE", VALID, "relative in list and certificate"),
    case("4.14.6", "InvaliddistributionPointTest6EE", "certificate_revoked", "the same, and it is on the list"),
    case("4.14.7", "ValiddistributionPointTest7EE", VALID, "relative in the certificate, whole in the list"),
    case("4.14.8", "InvaliddistributionPointTest8EE", "status_unknown", "relative, and another one"),
    case("4.14.9", "InvaliddistributionPointTest9EE", "status_unknown", "the certificate names no point, the list one of its own"),
    case("4.14.10", "ValidNoissuingDistributionPointTest10EE", VALID, "the list covers everything"),
    case("4.14.11", "InvalidonlyContainsUserCertsTest11EE", "status_unknown", "the certificate is an authority's, the list only of users"),
    case("4.14.12", "InvalidonlyContainsCACertsTest12EE", "status_unknown", "the certificate is a user's, the list only of authorities"),
    case("4.14.13", "ValidonlyContainsCACertsTest13EE", VALID, "an authority, and a list of authorities"),
    case("4.14.14", "InvalidonlyContainsAttributeCertsTest14EE", "status_unknown", "a list of attribute certificates only"),
    case("4.14.15", "InvalidonlySomeReasonsTest15EE", "certificate_revoked", "on the list of the one reason"),
    case("4.14.16", "InvalidonlySomeReasonsTest16EE", "certificate_revoked", "on the list of the other reasons"),
    case("4.14.17", "InvalidonlySomeReasonsTest17EE", "status_unknown", "two lists, and not all reasons"),
    case("4.14.18", "ValidonlySomeReasonsTest18EE", VALID, "two lists with all reasons between them"),
    case("4.14.19", "ValidonlySomeReasonsTest19EE", VALID, "two points with all reasons between them"),
    case("4.14.20", "InvalidonlySomeReasonsTest20EE", "certificate_revoked", "on the list of the first point"),
    case("4.14.21", "InvalidonlySomeReasonsTest21EE", "certificate_revoked", "on the list of the second point"),
    case("4.14.22", "ValidIDPwithindirectCRLTest22EE", VALID, "an indirect list of the issuer itself"),
    case("4.14.23", "InvalidIDPwithindirectCRLTest23EE", "certificate_revoked", "the same, and it is on the list"),
    case("4.14.24", "ValidIDPwithindirectCRLTest24EE", VALID, "an indirect list of another issuer"),
    case("4.14.25", "ValidIDPwithindirectCRLTest25EE", VALID, "the listed serial number is another issuer's"),
    case("4.14.26", "InvalidIDPwithindirectCRLTest26EE", "status_unknown", "the certificate names no issuer of lists"),
    case("4.14.27", "InvalidcRLIssuerTest27EE", "status_unknown", "the named issuer's list is not indirect"),
    case("4.14.28", "ValidcRLIssuerTest28EE", VALID, "an issuer of lists below the authority"),
    case("4.14.29", "ValidcRLIssuerTest29EE", VALID, "the same without a name of the point in the certificate"),
    case("4.14.30", "ValidcRLIssuerTest30EE", VALID, "the issuer of lists vouches for itself, as its certificate says"),
    case("4.14.31", "InvalidcRLIssuerTest31EE", "certificate_revoked", "one list for three authorities: listed for the third"),
    case("4.14.32", "InvalidcRLIssuerTest32EE", "certificate_revoked", "entries inherit the issuer named before them"),
    case("4.14.33", "ValidcRLIssuerTest33EE", VALID, "the same serial number under another issuer"),
    case("4.14.34", "InvalidcRLIssuerTest34EE", "certificate_revoked", "entries of the list's own issuer"),
    case("4.14.35", "InvalidcRLIssuerTest35EE", "status_unknown", "the named issuer of lists issued none of that name"),
    // 4.15 Delta lists
    case("4.15.1", "InvaliddeltaCRLIndicatorNoBaseTest1EE", "status_unknown", "a delta without its base says nothing"),
    case("4.15.2", "ValiddeltaCRLTest2EE", VALID, "on neither list"),
    case("4.15.3", "InvaliddeltaCRLTest3EE", "certificate_revoked", "on the base, not on the delta"),
    case("4.15.4", "InvaliddeltaCRLTest4EE", "certificate_revoked", "only on the delta"),
    case("4.15.5", "ValiddeltaCRLTest5EE", VALID, "on hold in the base, taken off by the delta"),
    case("4.15.6", "InvaliddeltaCRLTest6EE", "certificate_revoked", "on hold in the base, revoked in the delta"),
    case("4.15.7", "ValiddeltaCRLTest7EE", VALID, "taken off by the delta, and never on the base"),
    case("4.15.8", "ValiddeltaCRLTest8EE", VALID, "the complete list is newer than the base that the delta names"),
    case("4.15.9", "InvaliddeltaCRLTest9EE", "certificate_revoked", "the same, and it is on the delta"),
    case("4.15.10", "InvaliddeltaCRLTest10EE", "status_unknown", "the complete list is out of date and older than the delta's base"),
    // 4.16 Private certificate extensions
    case("4.16.1", "ValidUnknownNotCriticalCertificateExtensionTest1EE", VALID, "what nobody knows and is not critical is passed over"),
    case("4.16.2", "InvalidUnknownCriticalCertificateExtensionTest2EE", "unknown_critical_extension", "what nobody knows and is critical is not"),
];
