"""Signs with pyHanko at a PAdES level, and asks pyHanko which level others reached.

Usage: levels.py sign LEVEL IN.pdf OUT.pdf KEY.pem TSA_URL ROOT.pem, where LEVEL is b, t, lt or lta and KEY.pem has
the certificate, its issuers and the key; evidence is fetched from where the certificates point
       levels.py judge ROOT.pem [INTERMEDIATE.pem ...] < paths, one a line

Judging prints a line of JSON for each file: {"file", "error"} or {"file", "signatures": [{"field", "now", "later"}]}.
Nothing is fetched, and every status has to be known. "now" is the outcome of the validation with time and
long-term data of EN 319 102-1 clause 5.6; "later" the same in ten years, simulated, in which the document's time
stamps were renewed: what shows that nobody was taken back must be in the document for that.
"""

import asyncio
import io
import json
import logging
import sys
from datetime import datetime, timedelta, timezone

import aiohttp
from asn1crypto import keys, pem, x509
from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.timestamps.aiohttp_client import AIOHttpTimeStamper
from pyhanko.sign.validation.ades import ades_lta_validation, simulate_future_ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.fetchers.aiohttp_fetchers import AIOHttpFetcherBackend
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleCertificateStore, SimpleTrustManager

logging.disable(logging.CRITICAL)


async def sign(level, source, out, key_file, tsa, root_file):
    blocks = list(pem.unarmor(open(key_file, "rb").read(), multiple=True))
    certificates = [x509.Certificate.load(der) for name, _, der in blocks if name == "CERTIFICATE"]
    key = next(keys.PrivateKeyInfo.load(der) for name, _, der in blocks if name == "PRIVATE KEY")
    signer = signers.SimpleSigner(
        signing_cert=certificates[0],
        signing_key=key,
        cert_registry=SimpleCertificateStore.from_certs(certificates[1:]),
    )
    roots = list(load_certs_from_pemder([root_file]))
    async with aiohttp.ClientSession() as session:
        context = ValidationContext(
            trust_roots=roots,
            other_certs=certificates,
            allow_fetching=True,
            fetcher_backend=AIOHttpFetcherBackend(session),
            revocation_mode="require",
        )
        lasting = level in ("lt", "lta")
        metadata = PdfSignatureMetadata(
            field_name="Peer",
            subfilter=SigSeedSubFilter.PADES,
            md_algorithm="sha256",
            embed_validation_info=lasting,
            use_pades_lta=level == "lta",
            validation_context=context if lasting else None,
        )
        stamper = None if level == "b" else AIOHttpTimeStamper(tsa, session)
        with open(source, "rb") as file:
            writer = IncrementalPdfFileWriter(io.BytesIO(file.read()))
        signed = await signers.PdfSigner(metadata, signer=signer, timestamper=stamper).async_sign_pdf(writer)
    with open(out, "wb") as file:
        file.write(signed.getbuffer())


def specification(root_files):
    root, *others = [next(iter(load_certs_from_pemder([file]))) for file in root_files]
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=[root]),
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
    )
    return PdfSignatureValidationSpec(
        SignatureValidationSpec(
            cert_validation_policy=policy,
            revinfo_gathering_policy=RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY),
            local_knowledge=LocalKnowledge(known_certs=others),
        )
    )


async def outcome(validation):
    try:
        result = await validation
    except Exception as error:  # a judge that stumbles has not passed it
        return f"{type(error).__name__}: {error}"
    return result.ades_subindic.standard_name


async def judge(root_files, paths):
    specified = specification(root_files)
    later = datetime.now(tz=timezone.utc) + timedelta(days=3650)
    for path in paths:
        try:
            with open(path, "rb") as file:
                signatures = PdfFileReader(file, strict=False).embedded_regular_signatures
                answers = [
                    {
                        "field": signature.field_name,
                        "now": await outcome(ades_lta_validation(signature, specified)),
                        "later": await outcome(simulate_future_ades_lta_validation(signature, specified, later)),
                    }
                    for signature in signatures
                ]
            print(json.dumps({"file": path, "signatures": answers}), flush=True)
        except Exception as error:
            print(json.dumps({"file": path, "error": f"{type(error).__name__}: {error}"}), flush=True)


command, *arguments = sys.argv[1:]
if command == "sign":
    asyncio.run(sign(*arguments))
else:
    asyncio.run(judge(arguments, [line.rstrip("\n") for line in sys.stdin]))
